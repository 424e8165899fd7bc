import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsOf, clockOf } from './clock-bits.ts';

test('a clock written as bits is read back exactly, noise and all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_600_000_000_000, max: 2_190_000_000_000 }),
      fc.integer({ min: 0, max: 60 }),
      (ms, noise) => {
        const levels = bitsOf(ms).map((bit) => (bit ? 235 - noise : 16 + noise));
        expect(clockOf(levels)).toBe(ms);
      },
    ),
  );
});

test('a grey block voids the frame', () => {
  const levels: number[] = bitsOf(1_700_000_000_000).map((bit) => (bit ? 235 : 16));
  levels[3] = 128;
  expect(clockOf(levels)).toBeNull();
});
