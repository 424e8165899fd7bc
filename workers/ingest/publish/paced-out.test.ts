import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacedOut } from './paced-out.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const sent: number[] = [];
  const out = new PacedOut((_data, ptsMs) => sent.push(ptsMs));
  const push = (ptsMs: number, isKey = false, bytes = 30_000) => out.push(Buffer.alloc(bytes), ptsMs, isKey);
  return { out, sent, push };
}

test('pictures go out as they come', () => {
  const { sent, push } = start();
  push(1, true);
  push(2);
  expect(sent).toEqual([1, 2]);
});

test('a burst goes out in turns, and what comes meanwhile waits behind it', () => {
  const { out, sent, push } = start();
  out.burst(() => {
    for (let i = 1; i <= 7; i += 1) push(i, i === 1);
  });
  expect(sent).toEqual([1, 2, 3]);
  push(8);
  out.burst(() => push(99));
  expect(sent).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(4);
  expect(sent).toEqual([1, 2, 3, 4, 5, 6]);
  vi.advanceTimersByTime(4);
  expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  push(9);
  expect(sent.at(-1)).toBe(9);
});

test('a key frame overtakes a burst, which it makes superfluous', () => {
  const { out, sent, push } = start();
  out.burst(() => {
    for (let i = 1; i <= 9; i += 1) push(i, i === 1);
  });
  push(10, true);
  push(11);
  vi.advanceTimersByTime(50);
  expect(sent).toEqual([1, 2, 3, 10, 11]);
});
