import { expect, test } from 'vitest';
import { presetFor, threadsFor } from './effort.ts';

test('a small machine spends less on large rungs, upright ones too, and never on small ones', () => {
  expect(presetFor({ width: 1280, height: 720 }, 2)).toBe('superfast');
  expect(presetFor({ width: 720, height: 1280 }, 4)).toBe('superfast');
  expect(presetFor({ width: 854, height: 480 }, 2)).toBe('veryfast');
  expect(presetFor({ width: 1920, height: 1080 }, 8)).toBe('veryfast');
});

test('a second thread is for what one could be too slow for', () => {
  expect(threadsFor({ width: 1280, height: 720, fps: 30 })).toBe(1);
  expect(threadsFor({ width: 1280, height: 720, fps: 60 })).toBe(2);
  expect(threadsFor({ width: 1920, height: 1080, fps: 25 })).toBe(2);
});
