import { expect, test } from 'vitest';
import { viewTally } from '#core/viewer/quality-tally';
import { qualityRows } from './quality-rows.ts';

test('before anybody has reported there is nothing to show', () => {
  expect(qualityRows(viewTally({}), 'en')).toEqual([]);
});

test('figures are in the reader’s language, and those that hurt are marked', () => {
  const now = viewTally({
    reports: 100,
    playedMs: 1_960_000,
    stalledMs: 40_000,
    stalls: 30,
    'start.2': 9,
    'start.7': 1,
    'error.network': 3,
  });
  expect(qualityRows(now, 'en')).toEqual([
    { name: 'start', value: '4 sec', fine: false },
    { name: 'latency', value: null, fine: true },
    { name: 'rebuffer', value: '2%', fine: false },
    { name: 'errors', value: '3', fine: false },
  ]);
  expect(qualityRows(now, 'de')[0]?.value).toBe('4 Sek.');
  const well = qualityRows(viewTally({ reports: 100, playedMs: 2_000_000, 'start.1': 10, 'latency.3': 10 }), 'en');
  expect(well.map(({ name, fine }) => [name, fine])).toEqual([
    ['start', true],
    ['latency', true],
    ['rebuffer', true],
    ['errors', true],
  ]);
});

test('a delay that the host has chosen is no fault of the viewers’ lines', () => {
  const now = viewTally({ reports: 10, playedMs: 200_000, 'latency.8': 10 });
  const fine = (latency: 'ultra' | 'low' | 'standard') => qualityRows(now, 'en', latency)[1]?.fine;
  expect([fine('ultra'), fine('low'), fine('standard')]).toEqual([false, false, true]);
});
