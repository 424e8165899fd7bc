import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { egressHealthUrl } from '../bench/lib/direct-egress.ts';
import { eventually, type Install } from '../bench/lib/install.ts';
import type { Fault } from './inject.ts';
import { childrenOf, freeze, freezeAll, hit, partOf, pipelineOf, whenBack } from './processes.ts';

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
        hit(await pipelineOf(egressHealthUrl(show.install)), 'SIGKILL');
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
    name: 'redis-hangs-10s',
    row: 'R-51',
    expected: 'Redis hangs for 10 s: live again at once when it is back, no discontinuity, pushes and recording whole',
    limits: { longestGapMs: 12_500, discontinuities: 0, lostS: 0 },
    destination: true,
    inject: redisHangs(10),
  },
  {
    name: 'database-hangs-15s',
    row: 'R-54',
    expected:
      'PostgreSQL hangs for 15 s: viewers notice nothing; the API says 503 and when to come back, and is well within 10 s',
    limits: NOTHING,
    inject: databaseHangs(15),
  },
  {
    name: 'database-hangs-60s',
    row: 'R-54',
    expected: 'PostgreSQL hangs for 60 s: the same',
    limits: NOTHING,
    long: true,
    inject: databaseHangs(60),
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

/** Stops Redis: its sockets stay open and nothing answers. The encoder and the pushes need none of it. */
function redisHangs(seconds: number): Fault['inject'] {
  return async (show, mark) => {
    const { home } = show.install;
    const facts: string[] = [];
    mark();
    await freeze(partOf(home, 'redis'), async () => {
      const before = await show.sinkBytes();
      await wait(seconds * 1000);
      const sentKb = Math.round(((await show.sinkBytes()) - before) / 1000);
      if (sentKb <= 0) throw new Error('the destination received nothing while Redis was away');
      facts.push(`${sentKb} kB went to the destination meanwhile`);
    });
    return facts;
  };
}

/** Stops PostgreSQL with all its processes. */
function databaseHangs(seconds: number): Fault['inject'] {
  return async (show, mark) => {
    const { home } = show.install;
    const main = partOf(home, 'postgres');
    const all = [main, ...childrenOf(main.pid, 'postgres')];
    mark();
    let answer = '';
    await freezeAll(all, async () => {
      const ends = wait(seconds * 1000);
      answer = await askApi(show.install);
      await ends;
    });
    if (!/^503 retry-after \d+ database-unavailable$/.test(answer)) throw new Error(`the API answered ${answer}`);
    const backAt = Date.now();
    await eventually('the API answers again', async () => (await askApi(show.install)).startsWith('200'), 10_000);
    return [`API: ${answer}; well again after ${((Date.now() - backAt) / 1000).toFixed(1)} s`];
  };
}

/** Status of a list that is read from the database, and what the answer says to do. */
async function askApi({ credentials }: Install): Promise<string> {
  const headers = { authorization: `Bearer ${credentials.apiKey}` };
  const answer = await fetch(`${credentials.url}/api/v1/channels`, { headers });
  const body = (await answer.json()) as { error?: { code: string } };
  if (answer.ok) return `${answer.status}`;
  return `${answer.status} retry-after ${answer.headers.get('retry-after')} ${body.error?.code}`;
}

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
