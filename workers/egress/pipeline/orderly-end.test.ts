import { pino } from 'pino';
import { expect, test } from 'vitest';
import { OrderlyEnd } from './orderly-end.ts';

test('a step of the end that fails is named, and those behind it are done all the same', async () => {
  const done: string[] = [];
  const end = new OrderlyEnd(pino({ level: 'silent' }));
  await end.step('encoders', () => {
    throw new Error('gone');
  });
  await end.step('pictures', async () => Promise.reject(new Error('away')));
  const waiting = await end.step('feed', async () => {
    done.push('feed');
    return 3;
  });
  expect({ waiting, done, failed: end.failed }).toEqual({
    waiting: 3,
    done: ['feed'],
    failed: ['encoders', 'pictures'],
  });
});
