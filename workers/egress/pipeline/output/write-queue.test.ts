import { expect, test, vi } from 'vitest';
import { MAX_WAITING, WriteQueue } from './write-queue.ts';

function makeQueue(nowMs?: () => number) {
  const seen = { refused: 0, gone: 0, trouble: 0 };
  const events = {
    onRefused: () => void seen.refused++,
    onRecordGone: async () => {
      seen.gone++;
      return 1;
    },
    onTrouble: () => void seen.trouble++,
  };
  return { queue: new WriteQueue(events, nowMs), seen };
}

test('R-50: while Redis is away writes wait in order, and go out once it is back', async () => {
  const { queue, seen } = makeQueue();
  let away = true;
  const done: number[] = [];
  for (let index = 0; index < 5; index++) {
    const run = async () => {
      if (away) throw new Error('closed');
      done.push(index);
      return 1;
    };
    queue.add({ name: 'part', keepMs: 30_000, run });
  }
  await vi.waitFor(() => expect(seen.trouble).toBe(1));
  away = false;
  expect(await queue.drain(3000)).toBe(true);
  expect(done).toEqual([0, 1, 2, 3, 4]);
});

test('parts that waited longer than they are kept fall out, what must stay stays', async () => {
  let now = 0;
  const { queue } = makeQueue(() => now);
  const never = () => Promise.reject(new Error('away'));
  queue.add({ name: 'index', keepMs: 0, run: never });
  for (let index = 0; index < 10; index++) queue.add({ name: 'part', keepMs: 100, run: never });
  now = 200;
  queue.add({ name: 'part', keepMs: 100, run: never });
  expect(queue.length).toBe(2);
  expect(queue.dropped).toBe(10);
  queue.stop();
});

test('R-51: however long Redis is away the queue is bounded: the oldest rows fall out, the end does not', async () => {
  const { queue } = makeQueue();
  let away = true;
  const done: string[] = [];
  const add = (name: string, how: { many?: boolean } = {}) => {
    const run = async () => {
      if (away) throw new Error('away');
      return done.push(name);
    };
    queue.add({ name, keepMs: 0, ...how, run });
  };
  add('init');
  for (let index = 0; index < MAX_WAITING + 100; index++) add(`row ${index}`, { many: true });
  add('end');
  expect([queue.length, queue.dropped]).toEqual([MAX_WAITING, 102]);
  away = false;
  await queue.drain(10_000);
  expect([done[0], done[1], done.at(-1)]).toEqual(['init', 'row 102', 'end']);
});

test('of a state that is told again and again only the newest waits', async () => {
  const { queue } = makeQueue();
  let away = true;
  const done: number[] = [];
  for (let index = 0; index < 1000; index++) {
    const run = async () => {
      if (away) throw new Error('away');
      return done.push(index);
    };
    queue.add({ name: 'record pushes', keepMs: 0, newest: true, run });
  }
  expect(queue.length).toBe(1);
  away = false;
  await queue.drain(3000);
  expect(done.at(-1)).toBe(999);
});

test('R-5: after a refusal nothing more is written', async () => {
  const { queue, seen } = makeQueue();
  let runs = 0;
  for (let index = 0; index < 3; index++) queue.add({ name: 'part', keepMs: 0, run: async () => -Math.sign(++runs) });
  await vi.waitFor(() => expect(seen.refused).toBe(1));
  queue.add({ name: 'part', keepMs: 0, run: async () => Math.sign(++runs) });
  expect(await queue.drain(1000)).toBe(true);
  expect(runs).toBe(1);
});

test('R-53: a record that is gone is written again before the write that missed it', async () => {
  const { queue, seen } = makeQueue();
  let answers = [-2, 1];
  queue.add({ name: 'part', keepMs: 0, run: async () => answers.shift() ?? 1 });
  expect(await queue.drain(3000)).toBe(true);
  expect(seen.gone).toBe(1);
  expect(answers).toEqual([]);
  answers = [];
});
