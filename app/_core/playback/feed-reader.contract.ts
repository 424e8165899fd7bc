import { describe, expect, test } from 'vitest';
import type { FeedBatch, FeedReader } from './feed-reader.ts';
import type { FeedStatus } from './feed-status.ts';
import type { FeedEntry, FeedNews, FeedRecord, IndexEntry } from './live-feed.ts';

/** The writing side, as the engine has it. */
export type FeedTestWriter = {
  record(record: FeedRecord): Promise<void>;
  init(rendition: string, epoch: number, bytes: Uint8Array): Promise<void>;
  append(rendition: string, entries: FeedEntry[], index?: IndexEntry[]): Promise<void>;
};
export type FeedContractParts = { reader: FeedReader; status: FeedStatus; playbackId: string; writer: FeedTestWriter };

export const testRecord = (change: Partial<FeedRecord> = {}): FeedRecord => ({
  state: 'active',
  latency: 'low',
  shows: 'slate',
  epoch: 1,
  writer: 'w1',
  egressId: 'EG_1',
  partMs: 213.34,
  segmentMs: 1000,
  startedAtMs: 1_700_000_000_000,
  lastPartAtMs: 1_700_000_000_000,
  renditions: [
    { id: '720p', kind: 'video', codecs: 'avc1.4d401f', width: 1280, height: 720, fps: 30, bandwidth: 3_000_000 },
    { id: 'audio', kind: 'audio', codecs: 'mp4a.40.2', bandwidth: 128_000 },
  ],
  pushes: [],
  notes: [{ code: 'pictures-capped', most: 16, of: 40 }],
  ...change,
});

const part = (m: number, p: number): FeedEntry => ({
  t: 'part',
  e: 1,
  m,
  p,
  d: 18_000,
  i: p === 0,
  w: 1_700_000_000_000 + m * 1000,
  x: false,
  b: Uint8Array.from([m, p, 0, 255, 13, 10]),
});
const row: IndexEntry = { m: 0, e: 1, d: 90_000, w: 1_700_000_000_000, x: false, s: 12 };
const closed: FeedEntry = {
  t: 'segment',
  e: 1,
  m: 0,
  parts: 2,
  d: 36_000,
  w: row.w,
  x: false,
  k: 'media/x/720p/0.m4s',
};

/** Entries in a form that compares: Buffers and Uint8Arrays of the same bytes are the same. */
const plain = (entries: FeedEntry[]) => entries.map((entry) => ('b' in entry ? { ...entry, b: [...entry.b] } : entry));

async function firstBatches(stream: AsyncIterable<FeedBatch[]>): Promise<FeedBatch[]> {
  for await (const batches of stream) if (batches.length > 0) return batches;
  return [];
}

/** What every live feed does. @param make a feed where `playbackId` is unused */
export function describeFeedContract(name: string, make: () => FeedContractParts): void {
  describe(`${name} keeps the contract of the live feed`, () => {
    test('a feed that was never written is null', async () => {
      const { reader, status, playbackId } = make();
      expect(await reader.snapshot(playbackId)).toBeNull();
      expect(await reader.record(playbackId)).toBeNull();
      expect(await status.get(playbackId)).toBeNull();
    });

    test('the record comes back as it was written', async () => {
      const { reader, status, writer, playbackId } = make();
      const push = { id: 'p', state: 'pushing', bitrateKbps: 3000.5, droppedFrames: 0, retries: 1 } as const;
      const record = testRecord({ shows: 'source', pushes: [{ ...push, lastError: null, sinceMs: 5 }] });
      await writer.record(record);
      expect(await reader.record(playbackId)).toEqual(record);
      expect(await status.get(playbackId)).toEqual(record);
    });

    test('a snapshot has inits, index and entries with their very bytes', async () => {
      const { reader, writer, playbackId } = make();
      await writer.record(testRecord());
      await writer.init('720p', 1, Uint8Array.from([0, 200, 10]));
      const entries: FeedEntry[] = [
        { t: 'init', e: 1, b: Uint8Array.from([0, 200, 10]) },
        part(0, 0),
        part(0, 1),
        closed,
      ];
      await writer.append('720p', entries, [row]);
      const snapshot = await reader.snapshot(playbackId);
      const found = snapshot?.renditions.get('720p');
      expect(plain(found?.entries ?? [])).toEqual(plain(entries));
      expect(found?.index).toEqual([row]);
      expect([...(snapshot?.inits.get('720p:1') ?? [])]).toEqual([0, 200, 10]);
      expect([...((await reader.init(playbackId, '720p', 1)) ?? [])]).toEqual([0, 200, 10]);
      expect(await reader.init(playbackId, '720p', 9)).toBeNull();
    });

    test('following goes on right after the snapshot, nothing twice and nothing missed', async () => {
      const { reader, writer, playbackId } = make();
      await writer.record(testRecord());
      await writer.append('720p', [part(0, 0)]);
      const snapshot = await reader.snapshot(playbackId);
      const cursors = new Map([...(snapshot?.renditions ?? [])].map(([id, { cursor }]) => [id, cursor]));
      const stop = new AbortController();
      const next = firstBatches(reader.follow(playbackId, cursors, stop.signal));
      await writer.append('720p', [part(0, 1), closed]);
      const batches = await next;
      stop.abort();
      expect(batches.map(({ rendition }) => rendition)).toEqual(['720p']);
      expect(plain(batches[0]!.entries)).toEqual(plain([part(0, 1), closed]));
      expect(batches[0]!.cursor).not.toBe(cursors.get('720p'));
    });

    test('following ends when it is told to', async () => {
      const { reader, writer, playbackId } = make();
      await writer.record(testRecord());
      const stop = new AbortController();
      const over = firstBatches(reader.follow(playbackId, new Map([['720p', '0-0']]), stop.signal));
      stop.abort();
      expect(await over).toEqual([]);
    });

    test('watchers hear of each change until they stop', async () => {
      const { status, writer, playbackId } = make();
      const heard: FeedNews[] = [];
      const { promise, resolve } = deferred();
      const stop = await status.watch((news) => {
        if (news.playbackId !== playbackId) return;
        heard.push(news);
        resolve();
      });
      await writer.record(testRecord({ shows: 'source' }));
      await promise;
      await stop();
      await writer.record(testRecord({ state: 'ended' }));
      expect(heard).toEqual([{ playbackId, state: 'active', shows: 'source' }]);
    });
  });
}

function deferred(): { promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
