import { expect, test } from 'vitest';
import { TickClock, type TickTime } from './tick.ts';

/** Time that moves only when told. */
function handTime() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const time: TickTime = {
    nowMs: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const settle = async () => {
    for (let turn = 0; turn < 6; turn++) await Promise.resolve();
  };
  const advance = async (ms: number) => {
    const end = now + ms;
    for (;;) {
      const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      now = Math.max(now, next.at);
      timers = timers.filter((one) => one !== next);
      next.run();
      await settle();
    }
    now = end;
  };
  const jump = (ms: number) => {
    now += ms;
  };
  return { time, advance, jump, settle };
}

test('ticks come at start + n periods, without drift', async () => {
  const { time, advance } = handTime();
  const ticks: number[] = [];
  const clock = new TickClock({ time, startMs: 0, periodMs: 100 / 3, run: (tick) => void ticks.push(tick) });
  clock.start();
  await advance(1001);
  expect(ticks).toEqual(Array.from({ length: 31 }, (_, index) => index));
  expect(clock.lateTicks).toBe(0);
  await clock.stop();
});

test('ticks that became due while one ran are skipped and counted, never made up for', async () => {
  const { time, advance, jump, settle } = handTime();
  const ticks: number[] = [];
  let finish = () => {};
  const clock = new TickClock({
    time,
    startMs: 0,
    periodMs: 10,
    run: (tick) => {
      ticks.push(tick);
      return tick === 1
        ? new Promise<void>((resolve) => {
            finish = resolve;
          })
        : undefined;
    },
  });
  clock.start();
  await advance(10);
  jump(35);
  finish();
  await settle();
  await advance(20);
  expect(ticks).toEqual([0, 1, 4, 5, 6]);
  expect(clock.lateTicks).toBe(2);
});

test('nothing runs after stop', async () => {
  const { time, advance } = handTime();
  let count = 0;
  const clock = new TickClock({ time, startMs: 0, periodMs: 10, run: () => void count++ });
  clock.start();
  await advance(20);
  await clock.stop();
  const before = count;
  await advance(100);
  expect(count).toBe(before);
});
