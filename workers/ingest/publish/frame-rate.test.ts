import { expect, test } from 'vitest';
import { streamRate } from './frame-rate.ts';

test.each([
  ['declared, and arriving so', 30, 29.6, 30],
  ['declared, and an overloaded encoder that keeps two thirds of it', 60, 41, 60],
  ['declared before anything could be measured', 25, 0, 25],
  ['not declared', 0, 29.97, 29.97],
  ['plainly wrong, as one that always says 1000', 240, 30, 30],
  ['plainly wrong the other way', 15, 60, 60],
  ['unknown', 0, 0, 0],
])('a rate that is %s', (_case, declared, measured, rate) => {
  expect(streamRate(declared, measured)).toBe(rate);
});
