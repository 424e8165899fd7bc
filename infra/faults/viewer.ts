import { setTimeout as wait } from 'node:timers/promises';
import { readPlaylist, readRenditions, type SeenPart, type SeenPlaylist } from './playlist.ts';

/** One part, or what a whole segment brought, as it came to the viewer; `atMs` wall clock. */
type Arrival = { atMs: number; durationS: number };

/** How far a viewer has come: number of segment and part, and how much of that segment it has. */
type Edge = { msn: number; part: number; haveS: number };

export type Watched = {
  /** Longest time without a new part of the picture after `fromMs`, ms, and when it ended (wall clock). */
  longestGapMs: number;
  gapEndedAtMs: number;
  /** Wall clock of the first part after a discontinuity that came after `fromMs`; null without one. */
  resumedAtMs: number | null;
  discontinuities: number;
  /** Segments the playlist calls missing. */
  gaps: number;
  /** What a player could not have played through: numbers that repeat, jump or go back. */
  problems: string[];
  /** How long a player with a second of buffer stood still, ms. */
  stalledMs: number;
  parts: number;
};

const BUFFER_MS = 1000;
const PATIENCE_MS = 9000;
/** What a segment's length and the sum of its parts may differ by, rounded as they are listed. */
const HAVE_ALL_S = 0.05;

/**
 * A viewer of a live show that plays nothing and notes everything: follows picture and sound as an LL-HLS player does (blocking reloads,
 * RFC 8216bis 6.2.5.2), fetches each part, and whole the segments whose parts are no longer listed (6.2.2), goes on after any error.
 */
export class Viewer {
  readonly #url: string;
  readonly #over = new AbortController();
  readonly #arrivals: Arrival[] = [];
  readonly #problems: string[] = [];
  readonly #discontinuities: { msn: number; atMs: number }[] = [];
  readonly #gaps = new Set<number>();
  #loops: Promise<void>[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Begins to watch. @throws when the show cannot be opened in 20 s */
  async open(): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const text = await this.#get(this.#url).catch(() => null);
      const { video, audio } = text ? readRenditions(String(text), this.#url) : { video: null, audio: null };
      if (video) {
        this.#loops = [this.#follow(video, true), ...(audio ? [this.#follow(audio, false)] : [])];
        return;
      }
      if (Date.now() > deadline) throw new Error('the show cannot be opened');
      await wait(200);
    }
  }

  /** Resolves when a part of the picture has come after this moment. @throws when none comes in time */
  async partAfter(ms: number, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while ((this.#arrivals.at(-1)?.atMs ?? 0) <= ms) {
      if (Date.now() > deadline) throw new Error(`no part within ${withinMs} ms`);
      await wait(20);
    }
  }

  /** Resolves when the show has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#loops);
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.ended();
  }

  /** What happened after a moment (wall clock, ms). */
  since(fromMs: number): Watched {
    const times = this.#arrivals.map(({ atMs }) => atMs);
    let longest = 0;
    let endedAtMs = fromMs;
    for (let at = 1; at < times.length; at++) {
      const [before = 0, now = 0] = [times[at - 1], times[at]];
      if (now < fromMs || now - before <= longest) continue;
      longest = now - before;
      endedAtMs = now;
    }
    const cuts = this.#discontinuities.filter(({ atMs }) => atMs >= fromMs);
    return {
      longestGapMs: longest,
      gapEndedAtMs: endedAtMs,
      resumedAtMs: cuts[0]?.atMs ?? null,
      discontinuities: cuts.length,
      gaps: this.#gaps.size,
      problems: this.#problems,
      stalledMs: this.#stalledSince(fromMs),
      parts: this.#arrivals.filter(({ atMs }) => atMs >= fromMs).length,
    };
  }

  #stalledSince(fromMs: number): number {
    let buffered = BUFFER_MS;
    let stalled = 0;
    let before = fromMs;
    for (const { atMs, durationS } of this.#arrivals) {
      if (atMs < fromMs) continue;
      const passed = atMs - before;
      before = atMs;
      stalled += Math.max(0, passed - buffered);
      buffered = Math.min(3000, Math.max(0, buffered - passed) + durationS * 1000);
    }
    return Math.round(stalled);
  }

  async #follow(url: string, isPicture: boolean): Promise<void> {
    let edge: Edge | null = null;
    let listed: SeenPlaylist | null = null;
    let failed = false;
    while (!this.#over.signal.aborted) {
      try {
        // After an error a player asks for what there is, without waiting for a part that may never come.
        const ask = edge && !failed ? `?_HLS_msn=${edge.msn}&_HLS_part=${edge.part + 1}` : '';
        const list: SeenPlaylist = readPlaylist(String(await this.#get(`${url}${ask}`)));
        failed = false;
        this.#compare(listed, list);
        listed = list;
        for (const { msn, gap } of list.segments) if (gap && isPicture) this.#gaps.add(msn);
        if (edge) edge = await this.#catchUp(edge, list, url, isPicture);
        for (const part of list.parts) {
          if (edge && (part.msn < edge.msn || (part.msn === edge.msn && part.part <= edge.part))) continue;
          await this.#fetch(part.uri, url);
          if (isPicture) this.#note(edge, part);
          const haveS: number = edge?.msn === part.msn ? edge.haveS : 0;
          edge = { msn: part.msn, part: part.part, haveS: haveS + part.durationS };
        }
        if (list.ended) return;
        if (ask === '') await wait(50);
      } catch {
        failed = true;
        if (!this.#over.signal.aborted) await wait(100);
      }
    }
  }

  /** Parts are listed near the edge only: whoever fell further behind takes the segments before them whole. */
  async #catchUp(from: Edge, { segments, parts }: SeenPlaylist, url: string, isPicture: boolean): Promise<Edge> {
    let edge = from;
    for (const { msn, uri, durationS, discontinuity, gap } of segments) {
      const missingS: number = msn === edge.msn ? durationS - edge.haveS : durationS;
      const isBehind = msn < edge.msn || missingS < HAVE_ALL_S || parts.some((part) => part.msn === msn);
      if (isBehind || gap || msn > edge.msn + 1) continue;
      await this.#fetch(uri, url);
      if (isPicture) this.#arrived(msn, missingS, discontinuity && msn > edge.msn);
      edge = { msn: msn + 1, part: -1, haveS: 0 };
    }
    return edge;
  }

  #arrived(msn: number, durationS: number, discontinuity: boolean): void {
    const atMs = Date.now();
    this.#arrivals.push({ atMs, durationS });
    if (discontinuity) this.#discontinuities.push({ msn, atMs });
  }

  #note(edge: Edge | null, part: SeenPart): void {
    this.#arrived(part.msn, part.durationS, part.discontinuity && part.part === 0);
    if (!edge) return;
    const inOrder =
      (part.msn === edge.msn && part.part === edge.part + 1) || (part.msn === edge.msn + 1 && part.part === 0);
    if (!inOrder) this.#problems.push(`after part ${edge.msn}.${edge.part} came ${part.msn}.${part.part}`);
  }

  #compare(before: SeenPlaylist | null, now: SeenPlaylist): void {
    if (!before) return;
    if (now.mediaSequence < before.mediaSequence) {
      this.#problems.push(`media sequence went back from ${before.mediaSequence} to ${now.mediaSequence}`);
    }
    if (now.discontinuitySequence < before.discontinuitySequence) {
      this.#problems.push('discontinuity sequence went back');
    }
  }

  async #fetch(uri: string, base: string): Promise<void> {
    const bytes = await this.#get(new URL(uri, base).href);
    if (bytes.length === 0) this.#problems.push(`${uri} is empty`);
  }

  async #get(url: string): Promise<Buffer> {
    const limit = AbortSignal.any([this.#over.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const answer = await fetch(url, { signal: limit });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) throw new Error(`${answer.status}`);
    return bytes;
  }
}
