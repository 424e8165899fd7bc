import { expect, test } from 'vitest';
import { Timeline } from './timeline.ts';

const out = (timeline: Timeline, timestampMs: number, nowMs: number) => timeline.map(timestampMs, nowMs).outMs;

test('a reconnect goes on where the wall clock is, whatever the encoder counts from', () => {
  const timeline = new Timeline();
  expect(out(timeline, 50_000, 10_000)).toBe(10_000);
  expect(out(timeline, 50_033, 10_040)).toBe(10_033);
  timeline.begin();
  expect(out(timeline, 0, 17_000)).toBe(17_000);
});

test('what an encoder kept while it connected does not become delay for the rest of the show', () => {
  const timeline = new Timeline();
  // 1.5 s of media in 50 ms, then real time.
  for (let i = 0; i <= 45; i += 1) out(timeline, i * 33, 1_000 + i);
  expect(out(timeline, 46 * 33, 1_046 + 33)).toBeCloseTo(1_079, -2);
});

test('a late burst keeps its place', () => {
  const timeline = new Timeline();
  out(timeline, 0, 0);
  expect(out(timeline, 40, 2_000)).toBe(40);
  expect(out(timeline, 1_990, 2_010)).toBe(1_990);
});

test('an encoder that fell behind for good is moved up after three seconds, one busy second is forgiven', () => {
  const timeline = new Timeline();
  for (let i = 0; i < 300; i += 1) out(timeline, i * 33, i * 33);
  const begin = 300 * 33;
  // One second in which this machine is 600 ms late with everything.
  for (let i = 0; i < 30; i += 1) expect(out(timeline, begin + i * 33, begin + i * 33 + 600)).toBe(begin + i * 33);
  const after = begin + 30 * 33;
  for (let i = 0; i < 60; i += 1) expect(out(timeline, after + i * 33, after + i * 33)).toBeCloseTo(after + i * 33, -1);
  const late = after + 60 * 33;
  let last = 0;
  for (let i = 0; i < 240; i += 1) last = out(timeline, late + i * 33, late + i * 33 + 3_000);
  expect(last).toBeCloseTo(late + 239 * 33 + 3_000, -2);
});

test('a jump of the timestamps begins a new mapping at once', () => {
  const timeline = new Timeline();
  out(timeline, 0, 0);
  expect(out(timeline, 1_000_000_000, 33)).toBe(33);
  expect(out(timeline, 1_000_000_033, 66)).toBe(66);
  expect(out(timeline, 500_000, 99)).toBe(99);
});

test('when the clock jumps, the last sound of the old one keeps its place and does not throw the picture about', () => {
  const timeline = new Timeline();
  for (let i = 0; i <= 100; i += 1) out(timeline, i * 20, i * 20);
  expect(out(timeline, 900_000, 2_010)).toBe(2_010);
  expect(out(timeline, 2_020, 2_020)).toBeCloseTo(2_020, 0);
  expect(out(timeline, 900_020, 2_030)).toBe(2_030);
  expect(out(timeline, 2_040, 2_040)).toBeCloseTo(2_040, 0);
  expect(out(timeline, 900_040, 2_050)).toBe(2_050);
});

test('a clock that jumps and comes back for good is followed there', () => {
  const timeline = new Timeline();
  for (let i = 0; i <= 100; i += 1) out(timeline, i * 20, i * 20);
  out(timeline, 900_000, 2_020);
  for (let i = 0; i < 500; i += 1) out(timeline, 2_000 + i * 20, 5_000 + i * 20);
  expect(out(timeline, 12_000, 15_000)).toBeCloseTo(15_000, -2);
});

test('the wrap of 32 bits is a step like any other', () => {
  const timeline = new Timeline();
  const last = 4_294_967_295;
  for (let i = 0; i < 30; i += 1) out(timeline, last - 990 + i * 33, i * 33);
  const before = timeline.map(last, 990);
  const after = timeline.map(32, 1_023);
  expect(after.mediaMs - before.mediaMs).toBe(33);
  expect(after.outMs - before.outMs).toBe(33);
});

test.each([
  ['faster', 1.0002],
  ['slower', 0.9998],
])('an encoder whose clock runs %s stays in step for hours, and never jumps', (_name, rate) => {
  const timeline = new Timeline();
  let before = 0;
  let worst = 0;
  for (let now = 0; now < 4 * 3_600_000; now += 100) {
    const placed = out(timeline, Math.round(now * rate), now);
    worst = Math.max(worst, Math.abs(placed - now));
    expect(Math.abs(placed - before - 100)).toBeLessThan(now === 0 ? Number.POSITIVE_INFINITY : 5);
    before = placed;
  }
  expect(worst).toBeLessThan(30);
});
