import { expect, test } from 'vitest';
import { createNewestSender } from './newest-sender.ts';

test('values that come while one is being sent replace each other', async () => {
  const sent: number[] = [];
  let release: () => void = () => undefined;
  const sender = createNewestSender<number>({
    send: (value) =>
      new Promise((resolve) => {
        sent.push(value);
        release = resolve;
      }),
  });
  sender.offer(1);
  sender.offer(2);
  sender.offer(3);
  release();
  await expect.poll(() => sent).toEqual([1, 3]);
  release();
  await sender.settled();
  expect(sent).toEqual([1, 3]);
});

test('a failure is tried again with the newest value, a final one is dropped', async () => {
  const sent: number[] = [];
  const failures: string[] = [];
  let broken = true;
  const sender = createNewestSender<number>({
    async send(value) {
      sent.push(value);
      if (value === 9) throw new Error('gone');
      if (broken) throw new Error('away');
    },
    isFinal: (error) => error instanceof Error && error.message === 'gone',
    onFailure: (error, attempt, willRetry) => void failures.push(`${(error as Error).message} ${attempt} ${willRetry}`),
    firstBackOffMs: 1,
  });
  sender.offer(1);
  await expect.poll(() => failures.length).toBeGreaterThan(2);
  broken = false;
  sender.offer(2);
  await sender.settled();
  expect(sent.at(-1)).toBe(2);
  expect(failures.slice(0, 2)).toEqual(['away 1 true', 'away 2 true']);
  sender.offer(9);
  await sender.settled();
  expect(failures.at(-1)).toBe('gone 1 false');
});

test('closing forgets what waits', async () => {
  const sender = createNewestSender<number>({ send: () => Promise.reject(new Error('away')), firstBackOffMs: 60_000 });
  sender.offer(1);
  sender.close();
  await sender.settled();
  sender.offer(2);
  await sender.settled();
});
