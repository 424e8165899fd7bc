import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryLiveFeed } from '#adapters/memory/live-feed';
import { createMemoryMediaStorage, type MemoryMediaStorage } from '#adapters/memory/media-storage';
import { testRecord } from '#core/playback/feed-reader.contract';
import { type FeedRendition, type IndexEntry, mediaKeys } from '#core/playback/live-feed';
import { expectLawful } from '#core/playback/playlist-rules.contract';
import { finalizeRecording } from './finalize-recording.ts';
import { readStoredIndex } from './stored-index.ts';
import { readStoredShow, writeStoredShow } from './stored-show.ts';

const ID = 'pb_rec';
const START_MS = 1_700_000_000_000;
const clock = { now: () => new Date(START_MS + 3_600_000) };
const RENDITIONS = testRecord().renditions;

let storage: MemoryMediaStorage;
let feed: MemoryLiveFeed;
beforeEach(() => {
  storage = createMemoryMediaStorage();
  feed = new MemoryLiveFeed();
});

const finalize = () => finalizeRecording({ storage, feed, clock }, { playbackId: ID });
const row = (m: number): IndexEntry => ({ m, e: 1, d: 90_000, w: START_MS + m * 1000, x: false, s: 10 });
const rows = (count: number) => Array.from({ length: count }, (_, m) => row(m));
const text = (key: string) => Buffer.from(storage.objects.get(key) ?? []).toString();

async function store(rendition: string, from: number, to: number): Promise<void> {
  await storage.put(mediaKeys.init(ID, rendition, 1), Buffer.from('init'), 'video/mp4');
  for (let m = from; m <= to; m++) {
    await storage.put(mediaKeys.segment(ID, rendition, m), Buffer.from('0123456789'), 'video/mp4');
  }
}
async function storeIndex(rendition: FeedRendition, count: number, ended = false): Promise<void> {
  const body = JSON.stringify({ v: 1, rendition, ended, segments: rows(count) });
  await storage.put(mediaKeys.index(ID, rendition.id), Buffer.from(body), 'application/json');
}
/** The feed's last segments from..to with their parts, and the index of the whole show. */
function feedHas(from: number, to: number, how: { ended: boolean; openParts?: number }): void {
  feed.writeRecord(ID, testRecord({ state: how.ended ? 'ended' : 'active' }));
  for (const { id } of RENDITIONS) {
    feed.writeInit(ID, id, 1, Buffer.from('init'));
    feed.append(ID, id, [], rows(from));
    for (let m = from; m <= to + 1; m++) {
      const count = m > to ? (how.openParts ?? 0) : 5;
      for (let p = 0; p < count; p++) {
        const b = Buffer.from(`${m}.${p};`);
        feed.append(ID, id, [{ t: 'part', e: 1, m, p, d: 18_000, i: p === 0, w: row(m).w, x: false, b }]);
      }
      if (m > to) continue;
      feed.append(ID, id, [{ t: 'segment', e: 1, m, parts: 5, d: 90_000, w: row(m).w, x: false, k: null }], [row(m)]);
    }
    if (how.ended) feed.append(ID, id, [{ t: 'end', e: 1, m: to }]);
  }
}

describe('a recording is closed', () => {
  test('from a feed that ended: indexes, playlists and show.json', async () => {
    feedHas(10, 19, { ended: true });
    for (const { id } of RENDITIONS) await store(id, 0, 19);
    const facts = await finalize();
    expect(facts).toMatchObject({ state: 'ready', durationS: 20, segments: 20, missing: 0, recovered: false });
    expect(facts.bytes).toBe(2 * (20 * 10 + 4));
    const list = expectLawful(text(mediaKeys.mediaPlaylist(ID, '720p')));
    expect([list.vod, list.ended, list.segments.length, list.segments[19]?.uri]).toEqual([true, true, 20, '19.m4s']);
    expect(text(mediaKeys.multivariantPlaylist(ID))).toContain('\n720p/media.m3u8\n');
    expect(await readStoredIndex(storage, ID, 'audio')).toMatchObject({ ended: true });
    expect((await readStoredShow(storage, ID)).recording).toEqual(facts);
  });

  test('twice gives the same, and keeps what the backend wrote of the show', async () => {
    const show = { playbackId: ID, visibility: 'members', grantEpoch: 1, title: 'T', state: 'ended' } as const;
    await writeStoredShow(storage, ID, {
      v: 1,
      show: { ...show, startsAt: null, dvrS: null, version: 7 },
      recording: null,
    });
    feedHas(0, 3, { ended: false });
    for (const { id } of RENDITIONS) await store(id, 0, 3);
    const first = await finalize();
    const objects = new Map(storage.objects);
    feed.remove(ID);
    expect(await finalize()).toEqual(first);
    expect(new Map(storage.objects)).toEqual(objects);
    expect(first.recovered).toBe(true);
    expect((await readStoredShow(storage, ID)).show).toMatchObject(show);
  });

  test('after a crash: what only the feed still had is stored, the open segment too (R-64)', async () => {
    feedHas(10, 14, { ended: false, openParts: 3 });
    for (const { id } of RENDITIONS) await store(id, 0, 12);
    const facts = await finalize();
    expect(facts).toMatchObject({ state: 'ready', segments: 16, missing: 0, recovered: true });
    expect(facts.durationS).toBeCloseTo(15.6, 3);
    expect(text(mediaKeys.segment(ID, '720p', 15))).toBe('15.0;15.1;15.2;');
    expect(text(mediaKeys.segment(ID, '720p', 13))).toBe('13.0;13.1;13.2;13.3;13.4;');
  });

  test('without Redis, from the index and the segments written after it', async () => {
    for (const rendition of RENDITIONS) {
      await store(rendition.id, 0, 34);
      await storeIndex(rendition, 30);
    }
    feed.away = true;
    expect(await finalize()).toMatchObject({ state: 'ready', segments: 35, durationS: 35, recovered: true });
  });

  test('without Redis and index: what is lost in the middle is a gap, what is lost at the end is cut off', async () => {
    for (const rendition of RENDITIONS) {
      await store(rendition.id, 0, 9);
      await storeIndex(rendition, 14);
      await storage.remove([mediaKeys.segment(ID, rendition.id, 4)]);
    }
    expect(await finalize()).toMatchObject({ state: 'ready', segments: 9, missing: 2, durationS: 10 });
    const { segments } = expectLawful(text(mediaKeys.mediaPlaylist(ID, '720p')));
    expect(segments.map(({ gap }) => gap).indexOf(true)).toBe(4);
    expect(segments.length).toBe(10);
  });

  test('again after a late upload: the gap is filled', async () => {
    for (const rendition of RENDITIONS) {
      await store(rendition.id, 0, 9);
      await storeIndex(rendition, 10);
      await storage.remove([mediaKeys.segment(ID, rendition.id, 4)]);
    }
    expect((await finalize()).missing).toBe(2);
    for (const { id } of RENDITIONS) await store(id, 4, 4);
    expect((await finalize()).missing).toBe(0);
    expect(text(mediaKeys.mediaPlaylist(ID, '720p'))).not.toContain('EXT-X-GAP');
  });
});

describe('a recording is not closed', () => {
  test('while it is still being written', async () => {
    feed.writeRecord(ID, testRecord({ lastPartAtMs: clock.now().getTime() - 2000 }));
    await expect(finalize()).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('while storage is away: the caller tries again', async () => {
    feedHas(0, 3, { ended: true });
    storage.away = true;
    await expect(finalize()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('when nothing of it was kept: it has failed, and says so', async () => {
    expect(await finalize()).toMatchObject({ state: 'failed', segments: 0, durationS: 0 });
    expect((await readStoredShow(storage, ID)).recording?.state).toBe('failed');
  });
});
