import type { Redis } from 'ioredis';
import { decodeFeedEntry, decodeIndexEntry, type StreamFields } from '#core/playback/feed-codec';
import type { FeedBatch, FeedReader, FeedSnapshot } from '#core/playback/feed-reader';
import { parseFeedRecord } from '#core/playback/feed-status';
import { type FeedEntry, feedKeys, type IndexEntry } from '#core/playback/live-feed';
import { AppError } from '#core/shared/app-error';

/** How long one blocking read waits at the server, ms. */
export const FOLLOW_BLOCK_MS = 2000;
const FOLLOW_COUNT = 500;
const RETRY_MS = 250;
const INDEX_PAGE = 2000;

type RawEntry = [id: Buffer, fields: Buffer[]];

function fieldsOf(flat: Buffer[]): StreamFields {
  const fields = new Map<string, Uint8Array>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), flat[i + 1] as Buffer);
  return fields;
}

/** Entries that can be read; a broken one is told and left out, it must not stop the show. */
function decodeAll(raw: RawEntry[], onBroken: (error: Error) => void): FeedEntry[] {
  return raw.flatMap(([, flat]) => {
    try {
      const entry = decodeFeedEntry(fieldsOf(flat));
      return entry ? [entry] : [];
    } catch (error) {
      onBroken(error as Error);
      return [];
    }
  });
}

const unavailable = (cause: unknown) =>
  new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', message: 'The live feed is away.', cause });

/** Runs a task and turns whatever Redis threw into our word. */
async function asked<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw unavailable(error);
  }
}

/**
 * The live feed in Redis.
 * @param connectFollower makes a connection of its own for one follower, which closes it
 * @param onBroken told of entries that cannot be read and of failed reads, for the log
 */
export function createRedisFeedReader(
  redis: Redis,
  connectFollower: () => Redis,
  onBroken: (error: Error) => void,
): FeedReader {
  const record = async (playbackId: string) => parseFeedRecord(await redis.hgetall(feedKeys.record(playbackId)));

  async function readIndex(playbackId: string, rendition: string): Promise<IndexEntry[]> {
    const rows: IndexEntry[] = [];
    let from = '-';
    for (;;) {
      const key = feedKeys.index(playbackId, rendition);
      const page = (await redis.xrangeBuffer(key, from, '+', 'COUNT', INDEX_PAGE)) as RawEntry[];
      for (const [, flat] of page) {
        try {
          rows.push(decodeIndexEntry(fieldsOf(flat)));
        } catch (error) {
          onBroken(error as Error);
        }
      }
      const last = page[page.length - 1];
      if (!last || page.length < INDEX_PAGE) return rows;
      from = `(${String(last[0])}`;
    }
  }

  async function readRendition(playbackId: string, rendition: string) {
    const raw = (await redis.xrangeBuffer(feedKeys.stream(playbackId, rendition), '-', '+')) as RawEntry[];
    // The stream before the index: a segment closed in between is then in both, never in neither.
    const index = await readIndex(playbackId, rendition);
    const last = raw[raw.length - 1];
    return { index, entries: decodeAll(raw, onBroken), cursor: last ? String(last[0]) : '0-0' };
  }

  async function snapshot(playbackId: string): Promise<FeedSnapshot | null> {
    const known = await record(playbackId);
    if (!known) return null;
    const renditions = new Map<string, Awaited<ReturnType<typeof readRendition>>>();
    await Promise.all(known.renditions.map(async ({ id }) => renditions.set(id, await readRendition(playbackId, id))));
    const inits = await redis.hgetallBuffer(feedKeys.init(playbackId));
    return { record: known, renditions, inits: new Map(Object.entries(inits)) };
  }

  async function readNext(follower: Redis, playbackId: string, cursors: Map<string, string>): Promise<FeedBatch[]> {
    const names = [...cursors.keys()];
    if (names.length === 0) {
      // A feed that has not named its renditions yet: the caller looks at the record again.
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
      return [];
    }
    const keys = names.map((name) => feedKeys.stream(playbackId, name));
    const reply = (await follower.xreadBuffer(
      'COUNT',
      FOLLOW_COUNT,
      'BLOCK',
      FOLLOW_BLOCK_MS,
      'STREAMS',
      ...keys,
      ...cursors.values(),
    )) as [key: Buffer, items: RawEntry[]][] | null;
    return (reply ?? []).map(([key, raw]) => {
      const rendition = names[keys.indexOf(String(key))] ?? '';
      const last = raw[raw.length - 1];
      const cursor = last ? String(last[0]) : (cursors.get(rendition) ?? '0-0');
      return { rendition, entries: decodeAll(raw, onBroken), cursor };
    });
  }

  return {
    record: (playbackId) => asked(() => record(playbackId)),
    snapshot: (playbackId) => asked(() => snapshot(playbackId)),
    init: (playbackId, rendition, epoch) =>
      asked(() => redis.hgetBuffer(feedKeys.init(playbackId), `${rendition}:${epoch}`)),
    async *follow(playbackId, cursors, signal) {
      const follower = connectFollower();
      const stop = () => follower.disconnect();
      signal.addEventListener('abort', stop, { once: true });
      try {
        while (!signal.aborted) {
          try {
            yield await readNext(follower, playbackId, cursors);
          } catch (error) {
            if (signal.aborted) return;
            onBroken(unavailable(error));
            await new Promise((resume) => setTimeout(resume, RETRY_MS));
            yield [];
          }
        }
      } finally {
        signal.removeEventListener('abort', stop);
        follower.disconnect();
      }
    },
  };
}
