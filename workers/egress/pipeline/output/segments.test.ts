import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { FeedEntry, IndexEntry } from '#core/playback/live-feed';
import { SegmentsOutput } from './segments.ts';
import { Spool } from './spool.ts';
import { type Bucket, Storage } from './storage.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function open(lease: { isFresh: boolean; ask?: Promise<boolean> }) {
  const stored: string[] = [];
  const indexes: IndexEntry[][] = [];
  const entries: FeedEntry[] = [];
  const feed = {
    append: (_rendition: string, entry: FeedEntry) => void entries.push(entry),
    appendIndex() {},
    putInit() {},
    isLeaseFresh: () => lease.isFresh,
    askLease: () => lease.ask ?? Promise.resolve(true),
  };
  const storage = {
    put: (key: string) => void stored.push(key),
    replace: (_key: string, bytes: Buffer) => void indexes.push(JSON.parse(bytes.toString()).segments),
  };
  const output = new SegmentsOutput({ feed, storage, prefix: 'media/pb_1/', epoch: 2, log: pino({ level: 'silent' }) });
  closers.push(() => output.close());
  output.addRendition({ id: '720p', kind: 'video', codecs: 'avc1.4d401f', bandwidth: 1 }, Buffer.from('init'), []);
  const segment = (msn: number) =>
    output.segment({
      rendition: '720p',
      msn,
      parts: 5,
      d: 90_000,
      w: msn * 1000,
      discontinuity: false,
      bytes: Buffer.from('s'),
    });
  return { output, segment, stored, indexes, entries };
}

test('R-51: the index is written every few seconds while the feed is away, else twice a minute', () => {
  vi.useFakeTimers();
  closers.push(() => vi.useRealTimers());
  const lease = { isFresh: true };
  const { segment, indexes } = open(lease);
  const newest = () => indexes.at(-1)?.at(-1)?.m;
  segment(1);
  vi.advanceTimersByTime(27_000);
  expect(indexes).toEqual([]);
  vi.advanceTimersByTime(3_000);
  expect(newest()).toBe(1);
  lease.isFresh = false;
  for (const msn of [2, 3]) {
    segment(msn);
    vi.advanceTimersByTime(3_000);
    expect(newest()).toBe(msn);
  }
  lease.isFresh = true;
  segment(4);
  vi.advanceTimersByTime(6_000);
  expect(newest()).toBe(3);
});

test('an end waits for the word on segments of which it is not known whether they are still ours', async () => {
  let answer: (ours: boolean) => void = () => undefined;
  const ask = new Promise<boolean>((resolve) => {
    answer = resolve;
  });
  const { output, segment, stored } = open({ isFresh: false, ask });
  segment(7);
  output.end();
  const over = output.handedOver();
  expect(stored).toEqual([]);
  answer(true);
  await over;
  expect(stored).toEqual(['media/pb_1/720p/7.m4s']);
});

test('R-5: a segment that is another writer’s by now is not stored', async () => {
  const { output, segment, stored } = open({ isFresh: false, ask: Promise.resolve(false) });
  segment(7);
  await output.handedOver();
  expect(stored).toEqual([]);
});

test('R-22: an egress that ends before its show does writes what it made, and no end', () => {
  const { output, segment, indexes, entries } = open({ isFresh: true });
  segment(7);
  output.end(false);
  expect(indexes.at(-1)?.map(({ m }) => m)).toEqual([7]);
  expect(entries.map(({ t }) => t)).toEqual(['segment']);
  output.end();
  expect(entries.map(({ t }) => t)).toEqual(['segment', 'end']);
});

test('what a dead writer left stands in its place in the index, however late it is found', () => {
  const { output, segment, indexes } = open({ isFresh: true });
  segment(9);
  const left = { m: 8, e: 1, d: 30_000, w: 8000, x: false, parts: 2, bytes: Buffer.from('half'), closed: false };
  const renditions = new Map([['720p', { rows: [], unstored: [left] }]]);
  output.adopt({ startedAtMs: 0, lastMsn: 8, lastEndMs: 8333, renditions });
  output.end();
  expect(indexes.at(-1)?.map(({ m, e }) => [m, e])).toEqual([
    [8, 1],
    [9, 2],
  ]);
});

test('R-13, R-14: storage that is away past the bound of the spool costs the oldest segments; the show goes on and says which', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'openair-test-'));
  const objects = new Map<string, Buffer>();
  let away = true;
  const bucket: Bucket = {
    async put(key, bytes) {
      // Whatever it is that it says: no answer, no room left (507), no right.
      if (away) throw new Error('507');
      objects.set(key, bytes);
    },
    get: async () => null,
  };
  const entries: FeedEntry[] = [];
  const log = pino({ level: 'silent' });
  const told = { onStored: (key: string) => output.stored(key), onLost: (key: string) => output.lost(key) };
  const storage = new Storage(bucket, new Spool(folder, 3500), told, log);
  const feed = {
    append: (_rendition: string, entry: FeedEntry) => void entries.push(entry),
    appendIndex() {},
    putInit() {},
    isLeaseFresh: () => true,
    askLease: () => Promise.resolve(true),
  };
  const output = new SegmentsOutput({ feed, storage, prefix: 'media/pb_1/', epoch: 1, log });
  closers.push(() => output.close());
  output.addRendition({ id: '720p', kind: 'video', codecs: 'avc1.4d401f', bandwidth: 1 }, Buffer.from('init'), []);
  const lost = () => entries.flatMap((entry) => (entry.t === 'gap' ? [entry.m] : []));
  for (let msn = 0; msn < 10; msn++) {
    const place = { rendition: '720p', msn, parts: 5, d: 90_000, w: msn * 1000, discontinuity: false };
    output.segment({ ...place, bytes: Buffer.alloc(1000, msn) });
    // Each has failed once, and lies on disk or pushed another out, before the next one comes.
    const kept = () => new Set([...lost(), ...spooled(folder)]).size;
    await expect.poll(kept).toBe(msn + 1);
  }
  expect(lost()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(entries.filter(({ t }) => t === 'segment')).toHaveLength(10);
  away = false;
  expect(await storage.drain(10_000)).toBe(true);
  output.end();
  expect(await storage.drain(10_000)).toBe(true);
  const { segments } = JSON.parse(String(objects.get('media/pb_1/720p/index.json')));
  expect(segments.map(({ gap }: IndexEntry) => gap === true)).toEqual([
    ...Array(7).fill(true),
    ...Array(3).fill(false),
  ]);
  for (const msn of [7, 8, 9]) expect(objects.get(`media/pb_1/720p/${msn}.m4s`)?.[0]).toBe(msn);
  await storage.close('ended');
});

/** Numbers of the segments that lie in a spool. */
function spooled(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.obj'))
    .flatMap((name) => {
      const found = /(\d+)\.m4s/.exec(readFileSync(join(folder, name)).subarray(0, 200).toString('latin1'));
      return found ? [Number(found[1])] : [];
    });
}
