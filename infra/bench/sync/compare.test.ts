import { expect, test } from 'vitest';
import { alignment, lipSync } from './compare.ts';
import type { Picture } from './read-media.ts';

const pictures = (count: number, shift = 0): Picture[] =>
  Array.from({ length: count }, (_, at) => ({ atS: at / 30, number: (at + shift) % 90, white: at % 30 < 3 }));

test('sound that comes later than its flash counts as positive', () => {
  expect(lipSync(pictures(90), [1.04, 1.98]).map(Math.round)).toEqual([40, -20]);
});

test('a flash without a beep near it is left out', () => {
  expect(lipSync(pictures(90), [1.5])).toEqual([]);
});

test('rungs that show the same pictures are aligned, over the end of the loop too', () => {
  expect(alignment(pictures(120), pictures(120), 90)).toEqual({ compared: 120, same: 120, worst: 0 });
  expect(alignment(pictures(120), pictures(120, 1), 90)).toEqual({ compared: 120, same: 0, worst: 1 });
});

test('pictures that cannot be read, or that one rung does not have, are not compared', () => {
  const unread = pictures(10).map((picture) => ({ ...picture, number: null }));
  expect(alignment(pictures(10), unread, 90).compared).toBe(0);
  expect(alignment(pictures(10), pictures(4), 90).compared).toBe(4);
});
