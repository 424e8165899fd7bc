import type { FeedEntry, IndexEntry } from './live-feed.ts';

/** One part while its bytes are in memory. Duration in 1/90000 s. */
export type WindowPart = { d: number; independent: boolean; bytes: Uint8Array };

/** One segment of a rendition: open while parts are added, then closed. `d` in 1/90000 s, `w` wall clock ms of its start. */
export type WindowSegment = {
  m: number;
  e: number;
  d: number;
  w: number;
  /** A discontinuity stands before it. */
  x: boolean;
  closed: boolean;
  gap: boolean;
  /** Empty once evicted, or when this reader came too late for them. */
  parts: WindowPart[];
  /** False when a part was missed: the parts are then no whole segment. */
  whole: boolean;
};

/** The newest thing that can be asked for; `part` is -1 in front of a segment's first part. */
export type Edge = { msn: number; part: number };

const TICKS_PER_MS = 90;

/**
 * One rendition of a show as this reader knows it: every segment of the whole show without gaps in numbering, the newest ones
 * with their parts. Entries may come twice or late, and a hole in the numbering becomes gap segments, since a media playlist
 * numbers by position (RFC 8216bis 4.4.3.2).
 */
export class FeedWindow {
  readonly segments: WindowSegment[] = [];
  readonly inits = new Map<number, Uint8Array>();
  ended = false;
  /** Raised at each change that a playlist shows. */
  version = 0;
  /** Newest epoch seen: entries of older writers are refused. */
  epoch = 0;
  #firstWithParts = 0;
  readonly #keepTicks: number;
  readonly #segmentTicks: number;

  constructor(options: { keepPartsMs: number; segmentMs: number }) {
    this.#keepTicks = options.keepPartsMs * TICKS_PER_MS;
    this.#segmentTicks = options.segmentMs * TICKS_PER_MS;
  }

  /** The newest segment, open or closed. */
  get last(): WindowSegment | undefined {
    return this.segments[this.segments.length - 1];
  }

  get firstMsn(): number {
    return this.segments[0]?.m ?? 0;
  }

  get edge(): Edge | null {
    const last = this.last;
    return last ? { msn: last.m, part: last.parts.length - 1 } : null;
  }

  at(msn: number): WindowSegment | undefined {
    return this.segments[msn - this.firstMsn];
  }

  /** True when `msn` (whole, or up to `part`) is in the playlist. A part past a closed segment's end means the next segment's first. */
  has(msn: number, part: number | null): boolean {
    const last = this.last;
    if (!last) return false;
    if (msn < last.m) return part === null || this.#reached(msn, part);
    if (msn > last.m) return false;
    return part === null ? last.closed : last.parts.length > part;
  }

  #reached(msn: number, part: number): boolean {
    const segment = this.at(msn);
    const next = this.at(msn + 1);
    if (!segment || part < segment.parts.length || segment.parts.length === 0) return true;
    return next !== undefined && (next.closed || next.parts.length > 0);
  }

  /** True when the open segment is as long as a segment gets, so that its closing entry is about to come. */
  get nearlyClosed(): boolean {
    const last = this.last;
    return last !== undefined && !last.closed && last.d >= this.#segmentTicks - 1920;
  }

  /**
   * Takes all that is stored of a show that runs: the stream's entries, with the index for what is older than these and for what
   * became of their segments. Of two index rows with one number the later one stands.
   */
  restore(index: readonly IndexEntry[], entries: readonly FeedEntry[]): void {
    const rows = [...new Map(index.map((row) => [row.m, row])).values()].sort((a, b) => a.m - b.m);
    // Only parts say where the stream begins: what became of a segment may be told much later, when storage took it.
    const oldest = Math.min(...entries.flatMap((entry) => (entry.t === 'part' ? [entry.m] : [])));
    this.#load(rows.filter((row) => row.m < oldest));
    for (const entry of entries) this.apply(entry);
    const newest = this.last?.m ?? -1;
    this.#load(rows.filter((row) => row.m >= oldest && row.m <= newest));
  }

  #load(rows: readonly IndexEntry[]): void {
    for (const row of rows) this.#close({ ...row, t: row.gap ? 'gap' : 'segment' });
  }

  /** @returns true when the playlist changed */
  apply(entry: FeedEntry): boolean {
    const isLate = entry.e < this.epoch;
    // A successor may still tell what became of its predecessor's segments.
    const isAboutKnown = (entry.t === 'segment' || entry.t === 'gap') && this.at(entry.m) !== undefined;
    if (isLate && !isAboutKnown) return false;
    this.epoch = Math.max(this.epoch, entry.e);
    const before = this.version;
    if (entry.t === 'init') this.inits.set(entry.e, entry.b);
    else if (entry.t === 'part') this.#add(entry);
    else if (entry.t === 'end') this.#end();
    else this.#close({ ...entry, parts: entry.t === 'segment' ? entry.parts : 0 });
    return this.version !== before;
  }

  #add(entry: Extract<FeedEntry, { t: 'part' }>): void {
    const last = this.last;
    if (last && entry.m < last.m) return;
    const segment = last?.m === entry.m ? last : this.#open(entry, entry.p === 0);
    if (segment.closed || entry.p < segment.parts.length) return;
    if (entry.p > segment.parts.length) segment.whole = false;
    if (!segment.whole) return;
    segment.parts.push({ d: entry.d, independent: entry.i, bytes: entry.b });
    segment.d += entry.d;
    this.version++;
    this.#evict();
  }

  #open(at: { m: number; e: number; w: number; x: boolean }, whole: boolean): WindowSegment {
    const last = this.last;
    if (last && !last.closed) this.#seal(last);
    if (last && at.m > last.m + 1) this.#fillHole(last, at);
    const segment = { m: at.m, e: at.e, d: 0, w: at.w, x: at.x, closed: false, gap: false, parts: [], whole };
    this.segments.push(segment);
    return segment;
  }

  /** A writer died in the middle of a segment, its successor goes on with the next number: what there is, is the segment. */
  #seal(segment: WindowSegment): void {
    segment.closed = true;
    if (segment.parts.length === 0) {
      segment.gap = true;
      segment.d = this.#segmentTicks;
    }
    this.version++;
  }

  #fillHole(last: WindowSegment, next: { m: number; e: number; w: number }): void {
    const count = next.m - last.m - 1;
    const endMs = last.w + last.d / TICKS_PER_MS;
    const each = ((next.w - endMs) * TICKS_PER_MS) / count;
    const d = Math.round(Math.min(this.#segmentTicks, Math.max(this.#segmentTicks / 10, each)));
    for (let i = 0; i < count; i++) {
      const w = Math.round(endMs + (i * d) / TICKS_PER_MS);
      const hole = { m: last.m + 1 + i, e: last.e, d, w, x: false, closed: true, gap: true, parts: [], whole: false };
      this.segments.push(hole);
    }
  }

  #close(entry: {
    t: 'segment' | 'gap';
    m: number;
    e: number;
    d: number;
    w: number;
    x: boolean;
    parts?: number;
  }): void {
    const last = this.last;
    const known = this.at(entry.m);
    if (!known && last && entry.m < last.m) return;
    const segment = known ?? this.#open(entry, false);
    const gap = entry.t === 'gap';
    if (segment.closed && segment.gap === gap) return;
    if (segment.parts.length !== (entry.parts ?? 0)) segment.whole = false;
    if (!segment.closed || segment.gap) Object.assign(segment, { d: entry.d, w: entry.w, e: entry.e, x: entry.x });
    segment.closed = true;
    segment.gap = gap;
    this.version++;
  }

  #end(): void {
    const last = this.last;
    if (last && !last.closed) {
      if (last.parts.length > 0) last.closed = true;
      else this.segments.pop();
    }
    if (!this.ended) this.version++;
    this.ended = true;
  }

  /** Lets go of the bytes of parts that are further than the kept time behind the edge. */
  #evict(): void {
    const last = this.last;
    if (!last) return;
    const edgeMs = last.w + last.d / TICKS_PER_MS;
    // By number too: a wall clock that was set back must not let memory grow.
    const most = (2 * this.#keepTicks) / this.#segmentTicks;
    for (; this.#firstWithParts < this.segments.length - 1; this.#firstWithParts++) {
      const segment = this.segments[this.#firstWithParts];
      const kept = this.segments.length - this.#firstWithParts;
      if (!segment || (kept < most && (edgeMs - segment.w) * TICKS_PER_MS <= this.#keepTicks)) return;
      segment.parts = [];
      segment.whole = false;
    }
  }
}
