import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './inject.ts';
import { freeze, hit, partOf, pipelineOf, whenBack } from './processes.ts';

/** "Viewers notice nothing": a part may come late by a moment of the machine, never by as much as a player's buffer. */
const NOTHING = { longestGapMs: 900, discontinuities: 0, lostS: 0 };

const storageHangs = (name: string, seconds: number, long = false): Fault => ({
  name,
  row: 'R-12',
  expected: `storage hangs for ${seconds} s: viewers notice nothing, no segment is lost`,
  limits: NOTHING,
  long,
  async inject(show, mark) {
    mark();
    await freeze(partOf(show.install.home, 'storage'), () => wait(seconds * 1000));
    return [];
  },
});

export const STORE_FAULTS: Fault[] = [
  storageHangs('storage-10s', 10),
  storageHangs('storage-60s', 55),
  {
    name: 'storage-killed',
    row: 'R-12',
    expected: 'storage gets SIGKILL and comes back by itself: viewers notice nothing, no segment is lost',
    limits: NOTHING,
    inject: kill('storage'),
  },
  {
    name: 'storage-child-dies',
    row: 'R-12',
    expected: 'the media process dies while storage hangs: what it had on disk is stored by its successor',
    limits: { backWithinMs: 3500, longestGapMs: 3500, discontinuities: 1, lostS: 3 },
    async inject(show, mark) {
      const { home } = show.install;
      await freeze(partOf(home, 'storage'), async () => {
        // Longer than the live feed remembers: only the spool has the oldest of it.
        await wait(40_000);
        mark();
        hit(pipelineOf(partOf(home, 'egress')), 'SIGKILL');
        await wait(8000);
      });
      return [];
    },
  },
  {
    name: 'storage-away-at-end',
    row: 'R-30',
    expected: 'storage hangs before the end and comes back 40 s after it: the recording is whole',
    limits: NOTHING,
    async inject(show, mark) {
      mark();
      await freeze(partOf(show.install.home, 'storage'), async () => {
        await wait(8000);
        await show.end();
        await wait(40_000);
      });
      return [];
    },
    ends: true,
  },
  {
    name: 'redis-restarts',
    row: 'R-50',
    expected:
      'Redis gets SIGKILL and comes back with its data: live again under 5 s, no discontinuity, recording whole',
    limits: { longestGapMs: 5000, discontinuities: 0, lostS: 0 },
    destination: true,
    inject: kill('redis'),
  },
  {
    name: 'redis-empty',
    row: 'R-53',
    expected: 'Redis gets SIGKILL and comes back empty: live again under 5 s, the recording is whole',
    limits: { longestGapMs: 5000, discontinuities: 0, lostS: 0 },
    destination: true,
    async inject(show, mark) {
      const { home } = show.install;
      const before = partOf(home, 'redis');
      mark();
      hit(before, 'SIGKILL');
      rmSync(join(home, 'data/redis'), { recursive: true, force: true });
      await whenBack(home, 'redis', before);
      return [];
    },
  },
];

/** SIGKILL; the supervisor brings the part back with what it had on disk. */
function kill(part: 'storage' | 'redis'): Fault['inject'] {
  return async (show, mark) => {
    const { home } = show.install;
    const before = partOf(home, part);
    mark();
    hit(before, 'SIGKILL');
    await whenBack(home, part, before);
    return [];
  };
}
