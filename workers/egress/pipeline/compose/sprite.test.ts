import { expect, test } from 'vitest';
import { newPlanes, toYuv } from './planes.ts';
import { Sprite } from './sprite.ts';

/** 4 × 2 pixels: clear, half red, red, red; the second row alike. */
function sample(): Sprite {
  const row = [0, 0, 0, 0, 128, 0, 0, 128, 255, 0, 0, 255, 255, 0, 0, 255];
  return new Sprite(Uint8Array.from([...row, ...row]), 4, 2);
}

function grey() {
  const planes = newPlanes(8, 4);
  for (const { data } of planes) data.fill(128);
  return planes;
}

test('clear pixels leave the picture, solid ones replace it, half ones mix', () => {
  const planes = grey();
  sample().draw(planes, 0, 0);
  const [red, u, v] = toYuv('#ff0000');
  const [, , , solid] = planes[0].data;
  expect(planes[0].data[0]).toBe(128);
  expect(Math.abs((planes[0].data[1] ?? 0) - (128 + red) / 2)).toBeLessThanOrEqual(1);
  expect(Math.abs((solid ?? 0) - red)).toBeLessThanOrEqual(1);
  expect(Math.abs((planes[1].data[1] ?? 0) - u)).toBeLessThanOrEqual(1);
  expect(Math.abs((planes[2].data[1] ?? 0) - v)).toBeLessThanOrEqual(1);
});

test('what lies outside the picture or its clip is cut off', () => {
  const outside = grey();
  for (const [x, y] of [
    [-20, 0],
    [40, 0],
    [0, -10],
    [0, 10],
  ] as const)
    sample().draw(outside, x, y);
  expect(outside[0].data.every((value) => value === 128)).toBe(true);
  const edge = grey();
  sample().draw(edge, 6, 2);
  sample().draw(edge, -3, 0, { x: 0, y: 0, width: 2, height: 2 });
  expect([...edge[0].data.subarray(0, 3)].map((value) => value === 128)).toEqual([false, true, true]);
  expect(edge[0].data[2 * 8 + 7]).not.toBe(128);
});
