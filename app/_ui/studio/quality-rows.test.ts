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
