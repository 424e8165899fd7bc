import { expect, test } from 'vitest';
import { seatsBorne } from './seats-borne.ts';

test('seats are a share of the machine, and there is always one', () => {
  expect(seatsBorne(4)).toBe(2 * seatsBorne(2));
  expect(seatsBorne(0.01)).toBe(1);
});
