import { expect, test } from 'vitest';
import en from '../messages/en/studio.json';
import { fixFor, sortParts } from './health-fix.ts';

test('every part has a fix, also one that is not known yet', () => {
  expect(fixFor('postgres')).toBe('database');
  expect(fixFor('egress worker')).toBe('egress');
  expect(fixFor('S3 storage')).toBe('storage');
  expect(fixFor('something new')).toBe('other');
  for (const part of [
    'database',
    'redis',
    'storage',
    'livekit',
    'egress',
    'ingest',
    'playback',
    'realtime',
    'control',
    'turn',
    'x',
  ])
    expect(en.admin.fixes[fixFor(part)]).toBeTruthy();
});

test('what does not work comes first', () => {
  const parts = { b: { ok: true, detail: '' }, a: { ok: true, detail: '' }, z: { ok: false, detail: 'down' } };
  expect(sortParts(parts).map(({ name }) => name)).toEqual(['z', 'a', 'b']);
});
