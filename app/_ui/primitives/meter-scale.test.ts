import { expect, test } from 'vitest';
import { litSegments, METER_FLOOR_DB, nextPeak, rmsDb, shareOf, zoneOf } from './meter-scale.ts';

test('silence lights nothing and full scale lights all', () => {
  expect(litSegments(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(litSegments(METER_FLOOR_DB)).toBe(0);
  expect(litSegments(0)).toBe(24);
  expect(litSegments(6)).toBe(24);
  expect(shareOf(Number.NaN)).toBe(0);
});

test('the scale changes colour at the mark and before clipping', () => {
  expect([0, 19, 20, 21, 22, 23].map(zoneOf)).toEqual(['good', 'good', 'loud', 'loud', 'clip', 'clip']);
});

test('a peak is held for 1.2 s and then falls by 20 dB a second', () => {
  const start = nextPeak({ db: -60, atMs: 0 }, -6, 1000);
  expect(start).toEqual({ db: -6, atMs: 1000 });
  const held = nextPeak(start, -40, 2100);
  expect(held).toEqual(start);
  const falling = nextPeak(held, -40, 2700);
  expect(falling.db).toBeCloseTo(-16, 5);
  expect(nextPeak(falling, -40, 3200).db).toBeCloseTo(-26, 5);
  expect(nextPeak(falling, -40, 9000).db).toBe(-40);
});

test('a sine of half the scale is about -9 dB', () => {
  const sine = Float32Array.from({ length: 4800 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 48_000));
  expect(rmsDb(sine)).toBeCloseTo(-9.03, 1);
  expect(rmsDb(new Float32Array(0))).toBe(Number.NEGATIVE_INFINITY);
});
