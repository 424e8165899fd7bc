import { expect, test } from 'vitest';
import { clockText } from './clock-text.ts';
import { countdown } from './countdown.ts';
import { commandForKey } from './keymap.ts';
import { retryDelayMs, saverQuality, waitDelayMs } from './phase.ts';
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
  for (const key of [
    ' ',
    'k',
    'M',
    'f',
    'j',
    'L',
    'ArrowLeft',
    'ArrowUp',
    '0',
    '9',
    'Home',
    'End',
    '?',
    'c',
    's',
    'd',
    'i',
    '<',
    '>',
    'Escape',
  ]) {
    expect(commandForKey(key), key).not.toBeNull();
  }
  expect(commandForKey('a')).toBeNull();
  expect(commandForKey('F5')).toBeNull();
});

test('a show that begins has a date, then a clock, then a moment', () => {
  const nowMs = Date.parse('2026-05-01T18:00:00Z');
  expect(countdown(null, nowMs)).toEqual({ kind: 'unknown', text: null });
  expect(countdown('soon', nowMs)).toEqual({ kind: 'unknown', text: null });
  expect(countdown('2026-05-09T18:00:00Z', nowMs)).toEqual({ kind: 'dated', text: null });
  expect(countdown('2026-05-01T19:00:05Z', nowMs)).toEqual({ kind: 'dated', text: '1:00:05' });
  expect(countdown('2026-05-01T17:59:00Z', nowMs)).toEqual({ kind: 'soon', text: null });
});

test('data is spared with the largest picture of at most 480 lines, or the smallest there is', () => {
  const quality = (id: string, height: number, bitrateKbps: number) => ({ id, height, bitrateKbps });
  const ladder = [quality('0', 1080, 5000), quality('1', 720, 2500), quality('2', 480, 1200), quality('3', 240, 400)];
  expect(saverQuality(ladder)?.id).toBe('2');
  expect(saverQuality(ladder.slice(0, 2))?.id).toBe('1');
  expect(saverQuality([])).toBeNull();
});

test('clock text grows with the time', () => {
  expect([0, 65, 3700, -12].map(clockText)).toEqual(['0:00', '1:05', '1:01:40', '-0:12']);
});

test('every language has every word', () => {
  expect(Object.keys(wordsFor('de-AT')).sort()).toEqual(Object.keys(wordsFor('en')).sort());
  expect(wordsFor('fr').play).toBe('Play');
});
