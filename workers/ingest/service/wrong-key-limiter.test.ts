import { expect, test } from 'vitest';
import { createWrongKeyLimiter, limiterKey } from './wrong-key-limiter.ts';

type Limiter = ReturnType<typeof createWrongKeyLimiter>;

/** @returns whether the address was let try */
async function tryKey(limiter: Limiter, address: string, isRight: boolean): Promise<boolean> {
  const settle = await limiter.begin(address);
  settle?.(isRight);
  return settle !== null;
}

test('five wrong keys a minute an address, and a minute later five more', async () => {
  let now = 0;
  const limiter = createWrongKeyLimiter(() => now);
  for (let i = 0; i < 5; i++) expect(await tryKey(limiter, '10.0.0.1', false)).toBe(true);
  expect(await tryKey(limiter, '10.0.0.1', true)).toBe(false);
  expect(await tryKey(limiter, '10.0.0.2', false)).toBe(true);
  now = 59_999;
  expect(await tryKey(limiter, '10.0.0.1', false)).toBe(false);
  now = 60_000;
  expect(await tryKey(limiter, '10.0.0.1', false)).toBe(true);
});

test('a right key is forgiven, so that an encoder may reconnect for ever', async () => {
  const limiter = createWrongKeyLimiter(() => 0);
  for (let i = 0; i < 100; i++) expect(await tryKey(limiter, '10.0.0.1', true)).toBe(true);
});

test('right keys that overlap are all forgiven, and twenty encoders of one address come in at once', async () => {
  const limiter = createWrongKeyLimiter(() => 0);
  const first = await limiter.begin('10.0.0.1');
  for (let i = 0; i < 20; i++) expect(await tryKey(limiter, '10.0.0.1', true)).toBe(true);
  first?.(true);
  const tries = Array.from({ length: 20 }, async () => {
    const settle = await limiter.begin('10.0.0.1');
    await Promise.resolve();
    settle?.(true);
    return settle !== null;
  });
  expect(await Promise.all(tries)).toEqual(Array(20).fill(true));
});

test('guesses in parallel are no more than guesses one by one', async () => {
  const limiter = createWrongKeyLimiter(() => 0);
  const tries = Array.from({ length: 200 }, () => tryKey(limiter, '10.0.0.1', false));
  expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(5);
});

test('an IPv6 network counts as one address, a mapped IPv4 as itself', () => {
  expect(limiterKey('2001:db8:1:2:aaaa::1')).toBe(limiterKey('2001:db8:1:2:bbbb:0:0:9'));
  expect(limiterKey('2001:db8:1:2::1')).not.toBe(limiterKey('2001:db8:1:3::1'));
  expect(limiterKey('2001:0db8::1')).toBe(limiterKey('2001:db8:0:0:5::'));
  expect(limiterKey('::ffff:10.0.0.1')).toBe('10.0.0.1');
  expect(limiterKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
});

test('a flood from many addresses is not remembered without bound', async () => {
  const limiter = createWrongKeyLimiter(() => 0);
  for (let i = 0; i < 5; i++) await tryKey(limiter, 'first', false);
  expect(await tryKey(limiter, 'first', false)).toBe(false);
  for (let i = 0; i < 20_000; i++) await tryKey(limiter, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, false);
  expect(await tryKey(limiter, 'first', false)).toBe(true);
});
