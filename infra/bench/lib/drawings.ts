import { ClockPicture } from '../clock/clock-picture.ts';
import { type Drawing, FPS } from './media-files.ts';

const RATE = 48_000;
const TONE_HZ = 440;
const BEEP_HZ = 1_000;
const BEEP_SAMPLES = RATE / 20;
/** Pictures that are white from each full second on. */
const FLASH_PICTURES = 3;
const WHITE = 235;
/** Height of the counter's blocks with their margin, as a share of the picture's height: the flash leaves them free. */
const COUNTER_SHARE = 28 / 720;

/** A room with somebody who moves, the picture's number in its top edge, a tone: ten seconds that repeat. */
export function movingDrawing(width = 1280, height = 720): Drawing {
  const picture = new ClockPicture(width, height);
  return {
    name: 'moving',
    seconds: 10,
    width,
    height,
    picture: (index) => picture.frame(index, index),
    sound: (from, length) =>
      Int16Array.from({ length }, (_, at) => 6_000 * Math.sin((2 * Math.PI * TONE_HZ * (from + at)) / RATE)),
  };
}

/** The same with a white flash and a beep that begin at the same instant, once a second; between beeps it is silent. */
export function flashDrawing(width = 1280, height = 720): Drawing {
  const moving = movingDrawing(width, height);
  const counterEnd = Math.ceil(height * COUNTER_SHARE) * width;
  return {
    ...moving,
    name: 'flash',
    seconds: 30,
    picture(index) {
      const frame = moving.picture(index);
      if (index % FPS < FLASH_PICTURES) frame.fill(WHITE, counterEnd, width * height);
      return frame;
    },
    sound: (from, length) =>
      Int16Array.from({ length }, (_, at) => {
        const inSecond = (from + at) % RATE;
        return inSecond < BEEP_SAMPLES ? 16_000 * Math.sin((2 * Math.PI * BEEP_HZ * inSecond) / RATE) : 0;
      }),
  };
}
