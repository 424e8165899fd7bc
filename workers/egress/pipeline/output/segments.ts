import type { Logger } from 'pino';
import { type FeedRendition, type IndexEntry, mediaKeys, type StoredIndex } from '#core/playback/live-feed';
import type { Leftovers } from './feed-leftovers.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Storage } from './storage.ts';

/** Pieces as the packager closes them. */
type Part = {
  rendition: string;
  msn: number;
  part: number;
  d: number;
  w: number;
  independent: boolean;
  discontinuity: boolean;
  bytes: Buffer;
};
type Segment = Omit<Part, 'part' | 'independent'> & { parts: number };

export type SegmentTotals = { count: number; bytes: number; durationMs: number };

type Track = {
  rendition: FeedRendition;
  init: Buffer;
  rows: IndexEntry[];
  byMsn: Map<number, IndexEntry>;
  parts: Map<number, number>;
  dirty: boolean;
};

type Feed = Pick<LiveFeed, 'append' | 'appendIndex' | 'putInit' | 'isLeaseFresh' | 'askLease'>;

/** How often the index is written while viewers cannot be told by the feed: they are shown what is stored. */
const INDEX_WITHOUT_FEED_MS = 3_000;
/** One in so many of these times else. */
const INDEX_SELDOM = 10;

/**
 * Sends what is packaged to the two places: live feed first, storage beside it. Keeps the index of the whole show, a row a segment.
 */
export class SegmentsOutput {
  readonly #feed: Feed | null;
  readonly #storage: Pick<Storage, 'put' | 'replace'>;
  readonly #prefix: string;
  readonly #epoch: number;
  readonly #log: Logger;
  readonly #tracks = new Map<string, Track>();
  readonly #keys = new Map<string, { track: Track; msn: number }>();
  #timer: NodeJS.Timeout;
  #indexTimes = 0;
  /** Segments that wait for the word whether they are still ours to store. */
  readonly #asking = new Set<Promise<void>>();
  #first = true;
  #ended = false;
  readonly totals: SegmentTotals = { count: 0, bytes: 0, durationMs: 0 };
  onFirstPart: () => void = () => {};

  constructor(input: {
    feed: Feed | null;
    storage: Pick<Storage, 'put' | 'replace'>;
    prefix: string;
    epoch: number;
    log: Logger;
  }) {
    this.#feed = input.feed;
    this.#storage = input.storage;
    this.#prefix = input.prefix;
    this.#epoch = input.epoch;
    this.#log = input.log;
    this.#timer = setInterval(() => this.#timeForIndexes(), INDEX_WITHOUT_FEED_MS);
  }

  /** Names a rendition; `earlier` = rows of the index that earlier writers left. */
  addRendition(rendition: FeedRendition, init: Buffer, earlier: readonly IndexEntry[]): void {
    const rows = [...earlier];
    const byMsn = new Map(rows.map((row) => [row.m, row]));
    const track = { rendition, init, rows, byMsn, parts: new Map(), dirty: false };
    this.#tracks.set(rendition.id, track);
    for (const row of rows) this.#count(track, row);
  }

  /** Segments of a dead process that come into storage from its spool: what becomes of them is told in the feed. */
  expect(keys: ReadonlySet<string>): void {
    if (keys.size === 0) return;
    for (const track of this.#tracks.values()) {
      for (const { m } of track.rows) {
        const key = this.#name(mediaKeys.segment('', track.rendition.id, m));
        if (keys.has(key)) this.#keys.set(key, { track, msn: m });
      }
    }
  }

  /** Brings what a dead predecessor left into storage and closes the segment it died in: the recording lacks nothing. */
  adopt(leftovers: Leftovers): void {
    for (const [rendition, { unstored }] of leftovers.renditions) {
      const track = this.#tracks.get(rendition);
      if (!track) continue;
      for (const { bytes, closed, parts, ...place } of unstored) {
        this.#log.info({ rendition, msn: place.m, closed }, 'taking over a segment of the writer before');
        track.parts.set(place.m, parts);
        if (!closed) this.#feed?.append(rendition, { t: 'segment', ...place, parts, k: null });
        if (!track.byMsn.has(place.m)) this.#addRow(track, { ...place, s: bytes.length });
        // It is on its way from the spool already.
        if (this.#keys.has(this.#name(mediaKeys.segment('', rendition, place.m)))) continue;
        this.#store(track, place.m, bytes);
      }
    }
  }

  /** Announces this epoch's init segments, before the first part. */
  putInits(): void {
    for (const { rendition, init } of this.#tracks.values()) {
      this.#feed?.putInit(rendition.id, init);
      this.#storage.put(this.#name(mediaKeys.init('', rendition.id, this.#epoch)), init);
    }
  }

  part(part: Part): void {
    const { rendition, msn, part: p, d, w, independent, discontinuity, bytes } = part;
    const place = { e: this.#epoch, m: msn, p };
    this.#feed?.append(rendition, { t: 'part', ...place, d, i: independent, w, x: discontinuity, b: bytes });
    if (!this.#first) return;
    this.#first = false;
    this.onFirstPart();
  }

  segment(segment: Segment): void {
    const { rendition, msn, d, w, discontinuity, bytes, parts } = segment;
    const track = this.#tracks.get(rendition);
    if (!track) return;
    track.parts.set(msn, parts);
    const row: IndexEntry = { m: msn, e: this.#epoch, d, w, x: discontinuity, s: bytes.length };
    this.#feed?.append(rendition, { t: 'segment', e: row.e, m: msn, parts, d, w, x: discontinuity, k: null });
    this.#addRow(track, row);
    this.#store(track, msn, bytes);
  }

  /** A segment that is not made because its rung is off: playlists say `EXT-X-GAP`, numbers and times go on. */
  gap({ rendition, msn, d, w, discontinuity }: Omit<Segment, 'parts' | 'bytes'>): void {
    const track = this.#tracks.get(rendition);
    if (!track) return;
    this.#feed?.append(rendition, { t: 'gap', e: this.#epoch, m: msn, d, w, x: discontinuity });
    this.#addRow(track, { m: msn, e: this.#epoch, d, w, x: discontinuity, s: 0, gap: true });
  }

  /** Segments that storage has not taken yet. */
  get unstored(): number {
    return this.#keys.size;
  }

  /** Called by the storage. */
  stored(key: string): void {
    const known = this.#take(key);
    if (!known) return;
    const { track, row } = known;
    const parts = track.parts.get(row.m) ?? 0;
    track.parts.delete(row.m);
    const { m, d, w, x } = row;
    this.#feed?.append(track.rendition.id, { t: 'segment', e: row.e, m, parts, d, w, x, k: key });
  }

  /** Called by the storage: the segment is missing for ever, which playlists must say. */
  lost(key: string): void {
    const known = this.#take(key);
    if (!known) return;
    const { track, row } = known;
    this.#log.warn({ key }, 'a segment could not be kept');
    row.gap = true;
    track.dirty = true;
    const { m, d, w, x } = row;
    this.#feed?.append(track.rendition.id, { t: 'gap', e: this.#epoch, m, d, w, x });
    this.#feed?.appendIndex(track.rendition.id, row);
  }

  /**
   * Writes `end` and the last index; storage and feed are drained by the caller.
   * @param isOver false when another egress may go on with the show: players are not told of an end
   */
  end(isOver = true): void {
    clearInterval(this.#timer);
    this.#ended = isOver;
    for (const track of isOver ? this.#tracks.values() : []) {
      const last = track.rows.at(-1)?.m ?? -1;
      this.#feed?.append(track.rendition.id, { t: 'end', e: this.#epoch, m: last });
    }
    this.#writeIndexes(true);
  }

  /** Resolves when every segment is handed to storage, or known to be another writer's. */
  async handedOver(): Promise<void> {
    await Promise.all(this.#asking);
  }

  /** Once more after the last upload: what was lost or stored meanwhile is in it. */
  writeFinalIndexes(): void {
    this.#writeIndexes(false);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Of the whole show, whichever process wrote it. */
  #count(track: Track, { s, d }: IndexEntry): void {
    this.totals.bytes += s;
    if (track !== this.#tracks.values().next().value) return;
    this.totals.count++;
    this.totals.durationMs += d / 90;
  }

  #addRow(track: Track, row: IndexEntry): void {
    const last = track.rows.at(-1);
    track.rows.push(row);
    // What a dead writer left is found while ours go on.
    if (last && last.m > row.m) track.rows.sort((a, b) => a.m - b.m);
    this.#count(track, row);
    track.byMsn.set(row.m, row);
    track.dirty = true;
    this.#feed?.appendIndex(track.rendition.id, row);
  }

  #store(track: Track, msn: number, bytes: Buffer): void {
    const key = this.#name(mediaKeys.segment('', track.rendition.id, msn));
    this.#keys.set(key, { track, msn });
    // A process that was frozen must not write over what its successor stored under the same number.
    if (!this.#feed || this.#feed.isLeaseFresh()) return this.#storage.put(key, bytes);
    const asking: Promise<void> = this.#feed
      .askLease()
      .then((ours) => void (ours && this.#storage.put(key, bytes)))
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
  }

  #take(key: string): { track: Track; row: IndexEntry } | null {
    const known = this.#keys.get(key);
    const row = known?.track.byMsn.get(known.msn);
    this.#keys.delete(key);
    return known && row ? { track: known.track, row } : null;
  }

  #timeForIndexes(): void {
    this.#indexTimes = (this.#indexTimes + 1) % INDEX_SELDOM;
    const feedIsAway = this.#feed !== null && !this.#feed.isLeaseFresh();
    if (feedIsAway || this.#indexTimes === 0) this.#writeIndexes(false);
  }

  #writeIndexes(all: boolean): void {
    for (const track of this.#tracks.values()) {
      if (!all && !track.dirty) continue;
      track.dirty = false;
      const index: StoredIndex = { v: 1, rendition: track.rendition, ended: this.#ended, segments: track.rows };
      const key = this.#name(mediaKeys.index('', track.rendition.id));
      this.#storage.replace(key, Buffer.from(JSON.stringify(index)));
    }
  }

  /** Object names by the contract, under the plan's prefix (which for our own requests is `media/{playbackId}/`). */
  #name(key: string): string {
    return this.#prefix + key.slice(mediaKeys.prefix('').length);
  }
}
