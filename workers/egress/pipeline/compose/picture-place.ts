import { type Box, pictureFit } from '#core/scene/boxes-of';
import { centred, even, type Rect } from '#core/scene/pixels';
import type { RawPicture } from './inputs.ts';

/** A picture's size and rotation as it comes. */
export type PictureShape = Pick<RawPicture, 'width' | 'height' | 'rotation'>;

/** What of a picture is drawn where: `from` in its own pixels as it came, before its rotation; `to` in the program's. All even. */
export type PicturePlace = { from: Rect; to: Rect; rotation: PictureShape['rotation'] };

/**
 * A picture up to this much larger than its box is cut, not scaled: nobody sees the few lines that are missing, and copying costs a tenth.
 * It is the usual case: the 640 × 360 layer of a camera in one of four tiles.
 */
const NEARLY = 0.96;

/** `contain` leaves the background free, `cover` takes the middle of the picture. */
export function placePicture(box: Pick<Box, 'fit' | keyof Rect>, shape: PictureShape): PicturePlace {
  const { rotation } = shape;
  const sideways = rotation === 90 || rotation === 270;
  const turned = sideways ? { width: shape.height, height: shape.width } : shape;
  const { to, part } = fitted(box, turned);
  const size = sideways ? { width: part.height, height: part.width } : part;
  const whole = { x: 0, y: 0, width: even(shape.width), height: even(shape.height) };
  return { from: centred({ width: Math.max(2, size.width), height: Math.max(2, size.height) }, whole), to, rotation };
}

function fitted(box: Pick<Box, 'fit' | keyof Rect>, picture: { width: number; height: number }) {
  const place = { x: box.x, y: box.y, width: box.width, height: box.height };
  const across = box.width / picture.width;
  const down = box.height / picture.height;
  if (pictureFit(box.fit, box, picture) === 'contain') {
    const factor = Math.min(across, down);
    const size = {
      width: nearest(picture.width * factor, box.width),
      height: nearest(picture.height * factor, box.height),
    };
    return { to: centred(size, place), part: picture };
  }
  const factor = Math.max(across, down);
  if (factor <= 1 && factor > NEARLY) return { to: place, part: box };
  return { to: place, part: { width: box.width / factor, height: box.height / factor } };
}

/** Nearest even size, at least 2, at most the box; a pixel short of the box is the box. */
function nearest(value: number, limit: number): number {
  return Math.max(2, Math.min(limit, Math.round(value / 2) * 2));
}
