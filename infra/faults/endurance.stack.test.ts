import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { egressHealthUrl } from '../bench/lib/direct-egress.ts';
import { eventually, openInstall } from '../bench/lib/install.ts';
import { readState } from '../native/supervise/state-file.ts';
import { freeze, hit, partOf, pipelineOf, whenBack } from './processes.ts';
import { checkRecording } from './recording.ts';
import { Show } from './show.ts';

/**
 * One show through the faults that CI can afford, one after the other: it stays one show, under one egress, and its recording is whole.
 * How long each takes is measured by `npm run faults`.
 */
const install = openInstall();
const { home } = install;
let show: Show;
let egressId = '';

beforeAll(async () => {
  show = await Show.open(install, null);
  egressId = (await show.egresses())[0]?.id ?? '';
});
afterAll(async () => {
  await show?.close();
  // What comes next finds everything up.
  await eventually('the install is healthy', async () => readState(home)?.healthy, 60_000);
});

const onAirAgain = () => show.viewer.partAfter(Date.now() + 500, 30_000);
const cuts = () => show.viewer.since(0).discontinuities;

test('R-1: after a crash of its media process the show goes on with the next number and a discontinuity', async () => {
  hit(await pipelineOf(egressHealthUrl(install)), 'SIGKILL');
  await expect.poll(cuts, { timeout: 30_000 }).toBe(1);
  await onAirAgain();
});

test('R-12: while storage hangs the show goes on', async () => {
  await freeze(partOf(home, 'storage'), async () => {
    await wait(8000);
    await onAirAgain();
  });
  expect(cuts()).toBe(1);
});

test('R-50: after a restart of Redis the show goes on without a discontinuity', async () => {
  const redis = partOf(home, 'redis');
  hit(redis, 'SIGKILL');
  await whenBack(home, 'redis', redis);
  await onAirAgain();
  expect(cuts()).toBe(1);
});

test('R-4: after its worker was killed the show goes on under the same egress', async () => {
  const worker = partOf(home, 'egress');
  hit(worker, 'SIGKILL');
  await expect.poll(cuts, { timeout: 30_000 }).toBe(2);
  await whenBack(home, 'egress', worker);
  await onAirAgain();
  const all = await show.egresses();
  expect(all.map(({ id, active }) => ({ id, active }))).toEqual([{ id: egressId, active: true }]);
});

test('its recording has every segment, and a decoder gets every picture', { timeout: 90_000 }, async () => {
  await show.becomes('live');
  await show.end();
  const recording = await checkRecording(show);
  expect(show.viewer.since(0).problems).toEqual([]);
  expect(recording).toMatchObject({ gaps: 0, discontinuities: 2, decodeErrors: 0, problems: [] });
  expect(recording.frames).toBe(recording.pictures);
  expect(recording.pictures).toBeGreaterThan(0);
});
