import { expect, test } from 'vitest';
import { makePasswordHasher } from './password-hasher.ts';

const hasher = makePasswordHasher();

test('the right password opens, also the second time and in another process; a wrong one never does', async () => {
  const stored = await hasher.hash('noodles at midnight');
  expect(stored).not.toContain('noodles');
  expect(await hasher.verify('noodles at noon', stored)).toBe(false);
  expect(await hasher.verify('noodles at midnight', stored)).toBe(true);
  expect(await hasher.verify('noodles at midnight', stored)).toBe(true);
  expect(await hasher.verify('noodles at noon', stored)).toBe(false);
  expect(await makePasswordHasher().verify('noodles at midnight', stored)).toBe(true);
});

test('the same password has another hash each time', async () => {
  expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'));
});

test.each([
  '',
  'plain',
  'scrypt.3.8.5.c2FsdA.a2V5',
  'scrypt.x.y.z.c2FsdA.a2V5',
  'scrypt.16384.8.5..',
  'bcrypt.1.1.1.a.b',
])('what is no hash of ours opens nothing: “%s”', async (stored) => {
  expect(await hasher.verify('', stored)).toBe(false);
  expect(await hasher.verify('plain', stored)).toBe(false);
});
