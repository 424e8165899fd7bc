import { expect, test } from 'vitest';
import { KeyIntervals, MAX_KEY_INTERVAL_MS } from './key-intervals.ts';

/** Pictures at 30 a second by the encoder's clock, a key frame each `keyMs`. */
function feed(keys: KeyIntervals, fromMs: number, forMs: number, keyMs: number): number {
  for (let at = 0; at < forMs; at += 33) {
    keys.add(fromMs + at, at === 0 || Math.floor(at / keyMs) !== Math.floor((at - 33) / keyMs));
  }
  return fromMs + forMs;
}

test.each([1_000, 2_000, 2_100])('key frames every %i ms are frequent enough', (keyMs) => {
  const keys = new KeyIntervals();
  feed(keys, 0, 20_000, keyMs);
  expect(keys.areRare(false)).toBe(false);
  expect(keys.intervalMs).toBeLessThanOrEqual(MAX_KEY_INTERVAL_MS);
});

test.each([4_000, 8_000])('key frames every %i ms are found rare before the second one', (keyMs) => {
  const keys = new KeyIntervals();
  feed(keys, 0, 2_500, keyMs);
  expect(keys.areRare(false)).toBe(false);
  for (let at = 2_500; at < 2_700; at += 33) keys.add(at, false);
  expect(keys.areRare(false)).toBe(true);
  expect(keys.areRare(true)).toBe(true);
});

test('one long interval among good ones changes nothing, two in a row do, and a busy machine waits for four', () => {
  const keys = new KeyIntervals();
  let at = feed(keys, 0, 10_000, 1_000);
  at = feed(keys, at, 2_400, 9_000);
  at = feed(keys, at, 3_000, 1_000);
  expect(keys.areRare(false)).toBe(false);
  for (let i = 0; i < 3; i += 1) at = feed(keys, at, 3_000, 9_000);
  expect(keys.areRare(false)).toBe(true);
  expect(keys.areRare(true)).toBe(false);
  for (let i = 0; i < 3; i += 1) at = feed(keys, at, 3_000, 9_000);
  expect(keys.areRare(true)).toBe(true);
  feed(keys, at, 3_000, 1_000);
  expect(keys.areRare(false)).toBe(false);
});

test('a clock that jumps, or stands still for a while, is no long interval', () => {
  const keys = new KeyIntervals();
  const at = feed(keys, 0, 10_000, 1_000);
  for (let i = 0; i < 12; i += 1) keys.add(at + 60_000 + i * 33, false);
  expect(keys.intervalMs).toBeLessThan(1_100);
  expect(keys.areRare(false)).toBe(false);
  feed(keys, at + 61_000, 5_000, 1_000);
  expect(keys.areRare(false)).toBe(false);
});
