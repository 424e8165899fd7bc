import { expect, test } from 'vitest';
import { AppError } from '#core/shared/app-error';
import { answerError } from './answer.ts';

test.each([
  'database-unavailable',
  'livekit-unavailable',
  'storage-unavailable',
  'egress-refused',
  'unavailable',
] as const)('R-54: while a part is away (%s) the answer is 503 and says when to come back', async (code) => {
  const answer = answerError(new AppError(code, { cause: new Error('connect ECONNREFUSED 10.0.0.7') }), 'req_1');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.text()).not.toContain('10.0.0.7');
  const own = answerError(new AppError(code, { retryAfterS: 60 }), 'req_1');
  expect(own.headers.get('retry-after')).toBe('60');
});

test('what will not be otherwise in a moment names no time', () => {
  for (const code of ['not-found', 'internal', 'conflict'] as const) {
    expect(answerError(new AppError(code), 'req_1').headers.has('retry-after')).toBe(false);
  }
});
