import { expect, test } from 'vitest';
import { HeldUp } from './held-up.ts';

/** Beats at these times, ms. */
function heldUpBy(...atMs: number[]): number {
  const heldUp = new HeldUp(0);
  for (const now of atMs) heldUp.beat(now);
  return heldUp.totalMs;
}

test('a loop that keeps its time, or is late as timers are, was not held up', () => {
  expect(heldUpBy(50, 100, 151, 203, 330)).toBe(0);
});

test('what a loop was late is summed up: one long wait, or many that would each pass', () => {
  expect(heldUpBy(50, 900, 950)).toBe(800);
  expect(heldUpBy(...Array.from({ length: 10 }, (_, i) => (i + 1) * 200))).toBe(1_500);
});
