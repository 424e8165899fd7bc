import { afterEach, expect, test, vi } from 'vitest';
import { keep, readKept } from './kept.ts';

afterEach(() => vi.unstubAllGlobals());

test('where storage is blocked a text lasts as long as the page, and is forgotten when asked', () => {
  const blocked = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: blocked, setItem: blocked, removeItem: blocked });
  keep('pass', 'a pass');
  expect(readKept('pass')).toBe('a pass');
  keep('pass', null);
  expect(readKept('pass')).toBeNull();
});
