import { expect, test } from 'vitest';
import { matrixOfRed, toBt709 } from './colors.js';
import { Resampler } from './resample.js';

/** A flat picture of one colour in the given matrix, limited range. */
function flat(rgb: [number, number, number], red: number, blue: number, width = 4, height = 2): Uint8ClampedArray {
  const [r, g, b] = rgb;
  const y = red * r + (1 - red - blue) * g + blue * b;
  const [u, v] = [(b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))];
  const luma = width * height;
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return new Uint8ClampedArray(luma + 2 * chroma)
    .fill(16 + 219 * y, 0, luma)
    .fill(128 + 224 * u, luma, luma + chroma)
    .fill(128 + 224 * v, luma + chroma);
}
const of601 = (rgb: [number, number, number], ...size: number[]) => flat(rgb, 0.299, 0.114, ...size);
const of709 = (rgb: [number, number, number], ...size: number[]) => flat(rgb, 0.2126, 0.0722, ...size);

test.each([[[1, 0, 0]], [[0, 1, 0]], [[0, 0, 1]], [[0.9, 0.4, 0.1]], [[0.5, 0.5, 0.5]]] as [
  [number, number, number],
][])('the colour %j of BT.601 becomes that of BT.709, within rounding', (rgb) => {
  for (const [width, height] of [
    [4, 2],
    [5, 3],
  ] as const) {
    const picture = of601(rgb, width, height);
    toBt709(picture, width, height);
    const wanted = of709(rgb, width, height);
    expect(Math.max(...picture.map((value, at) => Math.abs(value - (wanted[at] ?? 0))))).toBeLessThanOrEqual(2);
  }
});

test('red tells the matrix, anything else does not', () => {
  expect(matrixOfRed(of601([1, 0, 0]))).toBe('bt601');
  expect(matrixOfRed(of709([1, 0, 0]))).toBe('bt709');
  expect(matrixOfRed(of709([1, 1, 1]))).toBeNull();
  expect(matrixOfRed(new Uint8Array(0))).toBeNull();
});

/** Largest difference from the wished tone after the filter has filled, and how many samples came. */
function play(from: number, hz: number, to = 48_000): { error: number; count: number } {
  const resampler = new Resampler(from, to);
  const out: number[] = [];
  for (let block = 0; block < 100; block++) {
    const size = from / 100;
    const input = Float32Array.from({ length: size }, (_, i) =>
      Math.sin((2 * Math.PI * hz * (block * size + i)) / from),
    );
    out.push(...resampler.take(input));
  }
  // Twelve samples of the input behind: half the filter's length.
  const late = 12 / from;
  const errors = out
    .slice(100)
    .map((value, i) => Math.abs(value - Math.sin(2 * Math.PI * hz * ((i + 100) / to - late))));
  return { error: Math.max(...errors), count: out.length };
}

test.each([44_100, 24_000, 96_000])('a second of sound at %i Hz is a second at 48 kHz, and the same tone', (from) => {
  const { error, count } = play(from, 997);
  expect(count).toBe(48_000);
  expect(error).toBeLessThan(0.003);
});

test('at 48 kHz nothing is resampled away: a high tone stays within a quarter of a decibel', () => {
  expect(play(44_100, 12_000).error).toBeLessThan(0.03);
});
