import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createFeedWriter } from '#adapters/redis/fixtures/feed-writer';
import { createRedisShows } from '#adapters/redis/show-registry';
import type { FeedEntry, FeedRecord, IndexEntry } from '#core/playback/live-feed';

/** Parts of one length each, written on the dot: what the origin is measured with. Their bytes are noise behind a stamp. */
export const PART_MS = 200;
export const PARTS_A_SEGMENT = 5;
/** 2.5 Mbit/s of picture, 120 kbit/s of sound. */
export const PART_BYTES: Record<string, number> = { '720p': 62_000, audio: 3000 };
const RENDITIONS = Object.keys(PART_BYTES);
/** Segments that are there when the bench begins. */
const PAST = 60;

export type PartFeed = {
  playbackId: string;
  /** When part 0 of segment 0 was due, ms since 1970; part k is due `PART_MS * k` later. */
  startedAtMs: number;
  stop(): Promise<void>;
};

/** A part whose first eight bytes say when it was made (float64 LE, ms since 1970). */
function partBytes(rendition: string, noise: Buffer): Buffer {
  const bytes = Buffer.from(noise.subarray(0, PART_BYTES[rendition]));
  bytes.writeDoubleLE(Date.now(), 0);
  return bytes;
}

/** Begins a live feed with a minute of past in Redis. @param playbackId unused so far */
export async function startPartFeed(redisUrl: string, playbackId: string): Promise<PartFeed> {
  const redis = new Redis(redisUrl);
  const writer = createFeedWriter(redis, playbackId);
  const noise = randomBytes(Math.max(...Object.values(PART_BYTES)));
  const startedAtMs = Date.now() - PAST * PART_MS * PARTS_A_SEGMENT;
  const show = {
    playbackId,
    visibility: 'public',
    grantEpoch: 0,
    title: 'Bench',
    state: 'live',
    startsAt: null,
  } as const;
  await createRedisShows(redis).put({ ...show, version: Date.now() });
  const record: FeedRecord = {
    state: 'active',
    shows: 'source',
    epoch: 1,
    writer: 'bench',
    egressId: 'EG_bench',
    partMs: PART_MS,
    segmentMs: PART_MS * PARTS_A_SEGMENT,
    startedAtMs,
    lastPartAtMs: startedAtMs,
    renditions: [
      { id: '720p', kind: 'video', codecs: 'avc1.4d401f', width: 1280, height: 720, fps: 30, bandwidth: 2_500_000 },
      { id: 'audio', kind: 'audio', codecs: 'mp4a.40.2', bandwidth: 120_000 },
    ],
    pushes: [],
  };
  await writer.record(record);
  for (const id of RENDITIONS) await writer.init(id, 1, Buffer.from('init'));

  /** Part k of all renditions, with the closing of its segment. */
  const write = (k: number) =>
    Promise.all(
      RENDITIONS.map((id) => {
        const [m, p] = [Math.floor(k / PARTS_A_SEGMENT), k % PARTS_A_SEGMENT];
        // Due when it is full: its media began a part earlier.
        const w = startedAtMs + (k - 1) * PART_MS;
        const bytes = partBytes(id, noise);
        const entries: FeedEntry[] = [{ t: 'part', e: 1, m, p, d: PART_MS * 90, i: p === 0, w, x: false, b: bytes }];
        if (p < PARTS_A_SEGMENT - 1) return writer.append(id, entries);
        const facts = {
          e: 1,
          m,
          d: PART_MS * PARTS_A_SEGMENT * 90,
          w: startedAtMs + m * PART_MS * PARTS_A_SEGMENT - PART_MS,
          x: false,
        };
        entries.push({ t: 'segment', ...facts, parts: PARTS_A_SEGMENT, k: null });
        const row: IndexEntry = { ...facts, s: bytes.length * PARTS_A_SEGMENT };
        return writer.append(id, entries, [row]);
      }),
    );
  let k = 0;
  for (; k < PAST * PARTS_A_SEGMENT; k++) await write(k);
  let stopped = false;
  const running = (async () => {
    for (; !stopped; k++) {
      await wait(Math.max(0, startedAtMs + k * PART_MS - Date.now()));
      await write(k);
    }
  })();
  return {
    playbackId,
    startedAtMs,
    async stop() {
      stopped = true;
      await running;
      for (const id of RENDITIONS) await writer.append(id, [{ t: 'end', e: 1, m: Math.ceil(k / PARTS_A_SEGMENT) }]);
      await writer.record({ ...record, state: 'ended' });
      await writer.expire(RENDITIONS);
      redis.disconnect();
    },
  };
}
