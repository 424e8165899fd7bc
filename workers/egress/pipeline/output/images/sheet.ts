import type { Frame } from 'node-av';
import { copyToFrame } from '../../native-frame.ts';
import { Scaler } from '../../scaler.ts';
import { ImageMaker, type Size } from './image-maker.ts';
import { SHEET_SIDE } from './storyboard.ts';

/** Black in limited range. */
const BLACK = { y: 16, c: 128 };

/** One sheet of small pictures: I420 in JavaScript memory, encoded as it grows. */
export class Sheet {
  readonly #tile: Size;
  readonly #size: Size;
  readonly #scaler: Scaler;
  readonly #maker: ImageMaker;
  readonly #data: Uint8Array;

  private constructor(tile: Size, size: Size, scaler: Scaler, maker: ImageMaker) {
    this.#tile = tile;
    this.#size = size;
    this.#scaler = scaler;
    this.#maker = maker;
    this.#data = new Uint8Array((size.width * size.height * 3) / 2);
    this.clear();
  }

  static async open(program: Size, tile: Size): Promise<Sheet> {
    const size = { width: tile.width * SHEET_SIDE, height: tile.height * SHEET_SIDE };
    const maker = await ImageMaker.open(size, size, 'jpeg');
    return new Sheet(tile, size, new Scaler(program, tile), maker);
  }

  clear(): void {
    const luma = this.#size.width * this.#size.height;
    this.#data.fill(BLACK.y, 0, luma).fill(BLACK.c, luma);
  }

  /** Puts the program's picture, made small, at a place of the sheet. */
  async put(frame: Frame, { x, y }: { x: number; y: number }): Promise<void> {
    const small = await this.#scaler.scale(frame);
    try {
      this.#blit(small.toBuffer(), x, y);
    } finally {
      small.free();
    }
  }

  async encode(): Promise<Buffer> {
    const frame = copyToFrame({ data: this.#data, ...this.#size });
    try {
      return await this.#maker.make(frame);
    } finally {
      frame.free();
    }
  }

  close(): void {
    this.#scaler.close();
    this.#maker.close();
  }

  /** @param picture planes without padding, as `toBuffer` gives them */
  #blit(picture: Uint8Array, x: number, y: number): void {
    const { width, height } = this.#tile;
    const sheet = this.#size;
    let [from, plane] = [0, 0];
    for (const half of [1, 2, 2]) {
      const [w, h, stride] = [width / half, height / half, sheet.width / half];
      for (let row = 0; row < h; row++) {
        const at = plane + (y / half + row) * stride + x / half;
        this.#data.set(picture.subarray(from, from + w), at);
        from += w;
      }
      plane += stride * (sheet.height / half);
    }
  }
}
