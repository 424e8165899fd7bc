import { expect, test } from 'vitest';
import { placeS } from './place.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
/** A list whose media time 0 is half a minute after T0: it was loaded anew. */
const loadedAnew = { live: true, timeOfDateS: (dateMs: number) => (dateMs - T0) / 1000 - 30 };

test('who followed the show goes on at its edge', () => {
  expect(placeS({ following: true, dateMs: T0 + 60_000, positionS: 60 }, loadedAnew)).toBeNull();
});

test('who was back in the show goes back to the same picture, whatever its media time is now', () => {
  expect(placeS({ following: false, dateMs: T0 + 40_000, positionS: 40 }, loadedAnew)).toBe(10);
});

test('a live show without dates begins at its edge, a recording where it was', () => {
  const undated = { timeOfDateS: () => null };
  expect(placeS({ following: false, dateMs: null, positionS: 40 }, { live: true, ...undated })).toBeNull();
  expect(placeS({ following: false, dateMs: null, positionS: 40 }, { live: false, ...undated })).toBe(40);
  expect(placeS({ following: false, dateMs: T0, positionS: 40 }, { live: false, ...undated })).toBe(40);
});

test('who followed a show that ended meanwhile sees the rest of it', () => {
  expect(placeS({ following: true, dateMs: T0 + 40_000, positionS: 40 }, { ...loadedAnew, live: false })).toBe(10);
});
