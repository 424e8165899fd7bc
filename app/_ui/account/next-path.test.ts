import { expect, test } from 'vitest';
import { safeNextPath, signInPath } from './next-path.ts';

test('a path of this site is kept with its query', () => {
  expect(safeNextPath('/studio/demo?tab=obs#x')).toBe('/studio/demo?tab=obs#x');
});

test.each([
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/a\n//evil',
  '/\t/evil',
  '',
  null,
])('an address of another site is dropped: %j', (next) => {
  expect(safeNextPath(next)).toBe('/studio');
});

test('the sign-in page leads back', () => {
  const url = new URL(signInPath('/studio/a?b=c&d=e'), 'http://x');
  expect(safeNextPath(url.searchParams.get('next'))).toBe('/studio/a?b=c&d=e');
});
