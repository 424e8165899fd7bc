import type { Rect } from '#core/scene/pixels';
import type { Plane, Planes } from './planes.ts';

/** One plane of a sprite: what is added to the picture, how much of the picture shows through, and which pixels of a row matter. */
type SpritePlane = {
  width: number;
  height: number;
  /** Sample times opacity. */
  ink: Uint8Array;
  /** 255 less opacity. */
  glass: Uint8Array;
  /** Runs as row, from, to, solid (1) or mixed (0); clear pixels are in none. */
  runs: Int32Array;
};

/**
 * A small picture with transparency, ready to be laid over I420: text, logos, cards. Drawn once; each tick costs its own pixels only,
 * and solid ones are copied row by row.
 */
export class Sprite {
  readonly width: number;
  readonly height: number;
  readonly #planes: readonly [SpritePlane, SpritePlane, SpritePlane];

  /** @param rgba premultiplied, `width` × `height`, both even */
  constructor(rgba: Uint8Array, width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#planes = toPlanes(rgba, width, height);
  }

  /**
   * Lays the sprite over a picture.
   * @param x even, may lie outside; so may y
   * @param clip what of the picture may change; all of it when absent
   */
  draw(planes: Planes, x: number, y: number, clip?: Rect): void {
    for (const [index, plane] of this.#planes.entries()) {
      const target = planes[index];
      if (!target) continue;
      const shift = index === 0 ? 0 : 1;
      const window = clip
        ? { x: clip.x >> shift, y: clip.y >> shift, width: clip.width >> shift, height: clip.height >> shift }
        : { x: 0, y: 0, width: target.width, height: target.height };
      lay(plane, target, x >> shift, y >> shift, window);
    }
  }
}

function lay(plane: SpritePlane, target: Plane, x: number, y: number, window: Rect): void {
  const { ink, glass, runs, width } = plane;
  const { data, stride } = target;
  const left = Math.max(0, window.x);
  const right = Math.min(target.width, window.x + window.width);
  const top = Math.max(0, window.y);
  const bottom = Math.min(target.height, window.y + window.height);
  for (let run = 0; run < runs.length; run += 4) {
    const sourceRow = runs[run] as number;
    const row = y + sourceRow;
    if (row < top || row >= bottom) continue;
    const from = Math.max(runs[run + 1] as number, left - x);
    const to = Math.min(runs[run + 2] as number, right - x);
    if (from >= to) continue;
    const source = sourceRow * width;
    let out = row * stride + x + from;
    if (runs[run + 3] === 1) {
      data.set(ink.subarray(source + from, source + to), out);
      continue;
    }
    for (let at = source + from; at < source + to; at++, out++) {
      const shown = (data[out] as number) * (glass[at] as number) + 128;
      data[out] = (ink[at] as number) + ((shown + (shown >> 8)) >> 8);
    }
  }
}

function toPlanes(rgba: Uint8Array, width: number, height: number): [SpritePlane, SpritePlane, SpritePlane] {
  const half = { width: width >> 1, height: height >> 1 };
  const y = blank(width, height);
  const u = blank(half.width, half.height);
  const v = blank(half.width, half.height);
  for (let at = 0, pixel = 0; pixel < width * height; pixel++, at += 4) {
    const r = rgba[at] as number;
    const g = rgba[at + 1] as number;
    const b = rgba[at + 2] as number;
    const a = rgba[at + 3] as number;
    // BT.709, limited range, in 1/65536: 16 × opacity + 219/255 × luma.
    y.ink[pixel] = (a * 4112 + r * 11966 + g * 40254 + b * 4064 + 32768) >> 16;
    y.glass[pixel] = 255 - a;
  }
  for (let row = 0; row < half.height; row++) {
    for (let column = 0; column < half.width; column++) {
      const at = (row * 2 * width + column * 2) * 4;
      const below = at + width * 4;
      const sum = (channel: number) =>
        (rgba[at + channel] as number) +
        (rgba[at + 4 + channel] as number) +
        (rgba[below + channel] as number) +
        (rgba[below + 4 + channel] as number);
      const [r, g, b, a] = [sum(0), sum(1), sum(2), sum(3)];
      const pixel = row * half.width + column;
      u.ink[pixel] = (a * 32896 - r * 6596 - g * 22189 + b * 28785 + 131072) >> 18;
      v.ink[pixel] = (a * 32896 + r * 28785 - g * 26145 - b * 2640 + 131072) >> 18;
      u.glass[pixel] = v.glass[pixel] = 255 - ((a + 2) >> 2);
    }
  }
  for (const plane of [y, u, v]) plane.runs = runsOf(plane);
  return [y, u, v];
}

function blank(width: number, height: number): SpritePlane {
  const size = width * height;
  return { width, height, ink: new Uint8Array(size), glass: new Uint8Array(size), runs: new Int32Array(0) };
}

function runsOf({ width, height, glass }: SpritePlane): Int32Array {
  const runs: number[] = [];
  const kind = (value: number) => (value === 255 ? -1 : value === 0 ? 1 : 0);
  for (let row = 0; row < height; row++) {
    let from = 0;
    let current = kind(glass[row * width] as number);
    for (let column = 1; column <= width; column++) {
      const next = column < width ? kind(glass[row * width + column] as number) : -2;
      if (next === current) continue;
      if (current >= 0) runs.push(row, from, column, current);
      from = column;
      current = next;
    }
  }
  return Int32Array.from(runs);
}
