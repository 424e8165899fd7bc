import { expect, test } from 'vitest';
import { clockText } from './clock-text.ts';
import { commandForKey } from './keymap.ts';
import { retryDelayMs, waitDelayMs } from './phase.ts';
import { recoveryFor } from './recovery.ts';
import { wordsFor } from './words.ts';

test('a lost network is looked at again, whatever the status', () => {
  expect(recoveryFor({ kind: 'network', atManifest: true }, 0).do).toBe('look-again');
  expect(recoveryFor({ kind: 'network', status: 503, atManifest: false }, 0).do).toBe('look-again');
  expect(recoveryFor({ kind: 'network', status: 404, atManifest: true }, 0).do).toBe('look-again');
});

test('a refused viewer is told so and nothing is retried', () => {
  expect(recoveryFor({ kind: 'network', status: 403, atManifest: true }, 0)).toEqual({
    do: 'give-up',
    problem: 'forbidden',
  });
});

test('a decoder is mended twice, then reloaded, then given up', () => {
  const steps = [0, 1, 2, 5].map((mends) => recoveryFor({ kind: 'media', atManifest: false }, mends).do);
  expect(steps).toEqual(['mend-decoder', 'mend-decoder', 'reload', 'give-up']);
});

test('retries come quickly at first and never further apart than five seconds', () => {
  expect([0, 1, 2, 3, 9].map(retryDelayMs)).toEqual([500, 1000, 2000, 4000, 5000]);
  expect(waitDelayMs(0)).toBe(1000);
  expect(waitDelayMs(1000)).toBe(5000);
});

test('every key of the help text does something and letters ignore case', () => {
  for (const key of [' ', 'k', 'M', 'f', 'j', 'L', 'ArrowLeft', 'ArrowUp', '0', '9', 'Home', 'End', '?']) {
    expect(commandForKey(key), key).not.toBeNull();
  }
  expect(commandForKey('a')).toBeNull();
  expect(commandForKey('F5')).toBeNull();
});

test('clock text grows with the time', () => {
  expect([0, 65, 3700, -12].map(clockText)).toEqual(['0:00', '1:05', '1:01:40', '-0:12']);
});

test('every language has every word', () => {
  expect(Object.keys(wordsFor('de-AT')).sort()).toEqual(Object.keys(wordsFor('en')).sort());
  expect(wordsFor('fr').play).toBe('Play');
});
