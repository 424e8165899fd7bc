import { BLOCK_PX, bitsOf } from './clock-bits.ts';

/**
 * Raw I420 frames with the clock on a scene like a camera's: a still, textured room and somebody who moves in the middle third of it. A picture
 * that compresses to nothing would flatter every figure, one of noise alone would measure nothing but the encoders.
 */
export class ClockPicture {
  readonly #backgrounds: Buffer[];
  readonly width: number;
  readonly height: number;

  constructor(width = 1280, height = 720) {
    this.width = width;
    this.height = height;
    let seed = 1;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    this.#backgrounds = Array.from({ length: 12 }, (_, index) => this.#background(index, random));
  }

  #background(index: number, random: () => number): Buffer {
    const { width, height } = this;
    const frame = Buffer.alloc((width * height * 3) / 2, 128);
    const texture = (x: number, y: number) => (((x >> 3) * 7 + (y >> 3) * 13) % 11) * 2;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const moves = Math.abs(x - width / 2) < width / 6 && y > height / 4;
        const still = 90 + 40 * Math.sin(x / 160) * Math.cos(y / 120) + texture(x, y);
        const moved = 130 + 50 * Math.sin((x + index * 6) / 60) * Math.cos((y - index * 4) / 50) + random() * 6;
        frame[y * width + x] = moves ? moved : still;
      }
    }
    return frame;
  }

  /** The nth frame with the time `nowMs` in its top edge. The buffer is new each time: it may be queued. */
  frame(index: number, nowMs: number): Buffer {
    const frame = Buffer.from(this.#backgrounds[index % this.#backgrounds.length] as Buffer);
    const block = Math.floor((BLOCK_PX * this.height) / 720);
    bitsOf(nowMs).forEach((bit, at) => {
      for (let y = 0; y < block; y++)
        frame.fill(bit ? 235 : 16, y * this.width + at * block, y * this.width + (at + 1) * block);
    });
    return frame;
  }
}
