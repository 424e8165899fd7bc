import { expect, test } from 'vitest';
import { createWrongKeyLimiter, limiterKey } from './wrong-key-limiter.ts';

test('five wrong keys a minute an address, and a minute later five more', () => {
  let now = 0;
  const limiter = createWrongKeyLimiter(() => now);
  for (let i = 0; i < 5; i++) expect(limiter.begin('10.0.0.1')).not.toBeNull();
  expect(limiter.begin('10.0.0.1')).toBeNull();
  expect(limiter.begin('10.0.0.2')).not.toBeNull();
  now = 59_999;
  expect(limiter.begin('10.0.0.1')).toBeNull();
  now = 60_000;
  expect(limiter.begin('10.0.0.1')).not.toBeNull();
});

test('a right key is forgiven, so that an encoder may reconnect for ever', () => {
  const limiter = createWrongKeyLimiter(() => 0);
  for (let i = 0; i < 100; i++) {
    const forgive = limiter.begin('10.0.0.1');
    expect(forgive).not.toBeNull();
    forgive?.();
  }
});

test('an IPv6 network counts as one address, a mapped IPv4 as itself', () => {
  expect(limiterKey('2001:db8:1:2:aaaa::1')).toBe(limiterKey('2001:db8:1:2:bbbb:0:0:9'));
  expect(limiterKey('2001:db8:1:2::1')).not.toBe(limiterKey('2001:db8:1:3::1'));
  expect(limiterKey('2001:0db8::1')).toBe(limiterKey('2001:db8:0:0:5::'));
  expect(limiterKey('::ffff:10.0.0.1')).toBe('10.0.0.1');
  expect(limiterKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
});

test('a flood from many addresses is not remembered without bound', () => {
  const limiter = createWrongKeyLimiter(() => 0);
  for (let i = 0; i < 5; i++) limiter.begin('first');
  expect(limiter.begin('first')).toBeNull();
  for (let i = 0; i < 20_000; i++) limiter.begin(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  expect(limiter.begin('first')).not.toBeNull();
});
