import type { Redis } from 'ioredis';
import { feedKeys, type IndexEntry } from '#core/playback/live-feed';

/** A segment of an earlier writer whose parts are in the feed, but of which storage is not known to have it. */
export type UnstoredSegment = {
  m: number;
  e: number;
  d: number;
  w: number;
  x: boolean;
  parts: number;
  bytes: Buffer;
  /** False: the writer died in the middle of it. */
  closed: boolean;
};

/** What an earlier writer of the same broadcast left in the feed. */
export type Leftovers = {
  startedAtMs: number;
  /** Newest segment of any rendition, open or closed, and the wall clock at which it ends. */
  lastMsn: number;
  lastEndMs: number;
  renditions: Map<string, { rows: IndexEntry[]; unstored: UnstoredSegment[] }>;
};

const PAGE = 2000;

type Fields = Map<string, Buffer>;

/** Reads record, streams and indexes; null when nobody wrote a part before. */
export async function readLeftovers(redis: Redis, playbackId: string): Promise<Leftovers | null> {
  const [startedAt, names] = await redis.hmget(feedKeys.record(playbackId), 'startedAtMs', 'renditions');
  if (!startedAt || !names) return null;
  const ids = (JSON.parse(names) as { id: string }[]).map(({ id }) => id);
  const left: Leftovers = { startedAtMs: Number(startedAt), lastMsn: -1, lastEndMs: 0, renditions: new Map() };
  for (const id of ids) {
    const entries = await readAll(redis, feedKeys.stream(playbackId, id));
    const rows = indexRows(await readAll(redis, feedKeys.index(playbackId, id)));
    const unstored = unstoredSegments(entries);
    for (const { m, w, d } of [...rows, ...unstored]) {
      left.lastMsn = Math.max(left.lastMsn, m);
      left.lastEndMs = Math.max(left.lastEndMs, w + d / 90);
    }
    for (const entry of entries) if (entry.has('m')) left.lastMsn = Math.max(left.lastMsn, number(entry, 'm'));
    left.renditions.set(id, { rows, unstored });
  }
  return left.lastMsn < 0 ? null : left;
}

async function readAll(redis: Redis, key: string): Promise<Fields[]> {
  const all: Fields[] = [];
  for (let from = '-'; ; ) {
    const page = (await redis.xrangeBuffer(key, from, '+', 'COUNT', PAGE)) as [Buffer, Buffer[]][];
    for (const [, flat] of page) {
      const fields: Fields = new Map();
      for (let at = 0; at + 1 < flat.length; at += 2) fields.set(String(flat[at]), flat[at + 1] ?? Buffer.alloc(0));
      all.push(fields);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return all;
    from = `(${last[0]}`;
  }
}

function number(fields: Fields, name: string): number {
  return Number(fields.get(name)?.toString() ?? Number.NaN);
}

function text(fields: Fields, name: string): string {
  return fields.get(name)?.toString() ?? '';
}

/** Of two rows with one number the later one stands. */
function indexRows(entries: Fields[]): IndexEntry[] {
  const rows = new Map<number, IndexEntry>();
  for (const entry of entries) {
    const [m = 0, e = 0, d = 0, w = 0, s = 0] = ['m', 'e', 'd', 'w', 's'].map((name) => number(entry, name));
    const row: IndexEntry = { m, e, d, w, x: text(entry, 'x') === '1', s };
    if (text(entry, 'gap') === '1') row.gap = true;
    rows.set(m, row);
  }
  return [...rows.values()].sort((a, b) => a.m - b.m);
}

function unstoredSegments(entries: Fields[]): UnstoredSegment[] {
  const segments = new Map<number, UnstoredSegment & { chunks: Buffer[]; whole: boolean }>();
  for (const entry of entries) {
    const m = number(entry, 'm');
    const kind = text(entry, 't');
    if (kind === 'part') {
      const [p = 0, e = 0, d = 0, w = 0] = ['p', 'e', 'd', 'w'].map((name) => number(entry, name));
      const fresh = { m, e, d: 0, w, x: text(entry, 'x') === '1', parts: 0, closed: false, chunks: [], whole: true };
      const segment = segments.get(m) ?? { ...fresh, bytes: Buffer.alloc(0) };
      segments.set(m, segment);
      segment.whole &&= p === segment.parts;
      segment.parts++;
      segment.d += d;
      segment.chunks.push(entry.get('b') ?? Buffer.alloc(0));
    } else if (kind === 'segment') {
      const segment = segments.get(m);
      if (segment) segment.closed = true;
      if (text(entry, 'k') !== '') segments.delete(m);
    } else if (kind === 'gap') segments.delete(m);
  }
  return [...segments.values()]
    .filter(({ whole }) => whole)
    .map(({ chunks, whole: _, ...segment }) => ({ ...segment, bytes: Buffer.concat(chunks) }));
}
