import { FeedWindow } from '#core/playback/feed-window';
import { type FeedEntry, type IndexEntry, mediaKeys } from '#core/playback/live-feed';
import {
  advancePartLimit,
  type PlaylistSettings,
  type RenditionReport,
  renderEndedPlaylist,
  renderLivePlaylist,
  targetDurationS,
} from '#core/playback/playlist';
import {
  type MediaAnswer,
  type PlaylistAnswer,
  type Refused,
  type ReloadRequest,
  type RenderedText,
  refused,
  segmentTag,
} from './playable.ts';
import { renderText } from './rendered-text.ts';
import type { SegmentCache } from './segment-cache.ts';
import { Waits } from './waits.ts';

/** A part that fills its segment is shown with the segment's closing entry, or after this time: the preload hint stays true. */
const SETTLE_MS = 60;
const WAIT_TARGETS = 3;
const ENDED_MAX_AGE_S = 30;

export type LiveRenditionSettings = PlaylistSettings & { keepPartsMs: number };

/** One rendition of a live show: its window, those who wait for it, and its playlists, rendered once a change. */
export class LiveRendition {
  readonly window: FeedWindow;
  readonly #waits = new Waits();
  readonly #rendered = new Map<string, RenderedText>();
  #renderedVersion = -1;
  #told: RenditionReport[] = [];
  #settling: NodeJS.Timeout | undefined;

  constructor(
    readonly playbackId: string,
    readonly id: string,
    private settings: LiveRenditionSettings,
    private readonly stored: SegmentCache,
    private readonly reports: () => RenditionReport[],
  ) {
    this.window = new FeedWindow({ keepPartsMs: settings.keepPartsMs, segmentMs: settings.segmentMs });
  }

  get waiting(): number {
    return this.#waits.size;
  }

  restore(index: readonly IndexEntry[], entries: readonly FeedEntry[]): void {
    this.window.restore(index, entries);
    this.#wake();
  }

  /** How far back the playlist goes from now on, s. */
  reachBack(dvrS: number): void {
    if (dvrS === this.settings.dvrS) return;
    this.settings = { ...this.settings, dvrS };
    this.#rendered.clear();
  }

  /** Takes what came in one read and wakes those who waited for it. */
  take(entries: readonly FeedEntry[]): void {
    let changed = false;
    for (const entry of entries) changed = this.window.apply(entry) || changed;
    if (!changed) return;
    if (this.window.nearlyClosed) {
      this.#settling ??= setTimeout(() => this.#wake(), SETTLE_MS);
      this.#waits.look();
    } else this.#wake();
  }

  #wake(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#waits.look();
  }

  get #waitMs(): number {
    return WAIT_TARGETS * 1000 * targetDurationS([], this.settings.segmentMs);
  }

  async playlist(request: ReloadRequest): Promise<PlaylistAnswer> {
    const wrong = this.#impossible(request);
    if (wrong) return wrong;
    const { msn, part } = request;
    if (msn !== null && !this.window.ended) {
      const isOver = () => this.window.ended || (this.#settling === undefined && this.window.has(msn, part));
      if (!(await this.#waits.until(`list ${msn} ${part}`, isOver, this.#waitMs)))
        return refused(503, 'no-new-part', 1);
    }
    if (msn === null) await this.#firstSegment();
    if (this.window.segments.length === 0 && !this.window.ended) return refused(503, 'not-begun', 1);
    const blocked = msn !== null;
    const maxAgeS = this.window.ended ? ENDED_MAX_AGE_S : blocked ? this.#blockedMaxAgeS : this.#plainMaxAgeS;
    return { kind: 'playlist', text: this.#render(request.skip, blocked), maxAgeS };
  }

  /** Players that know no parts take a list without a whole segment for an empty show: the first list of a show waits for one. */
  async #firstSegment(): Promise<void> {
    const isOver = () => this.window.ended || this.window.segments.some(({ closed }) => closed);
    if (!isOver()) await this.#waits.until('first segment', isOver, 2 * this.settings.segmentMs);
  }

  /** A list without parts that did not block is news for half a target (bis 6.3.4 asks again no sooner); one with parts for 1 s. */
  get #plainMaxAgeS(): number {
    return this.settings.partMs === null ? Math.max(1, targetDurationS([], this.settings.segmentMs) / 2) : 1;
  }

  /** The address names what must be in it, so a cache may keep it for as long as parts are listed. */
  get #blockedMaxAgeS(): number {
    return 6 * targetDurationS([], this.settings.segmentMs);
  }

  /** Requests that no waiting can answer (bis 6.2.5.2). */
  #impossible({ msn, part }: ReloadRequest): Refused | null {
    if (msn === null) return part === null ? null : refused(400, 'part-without-msn');
    if (this.window.ended) return null;
    const edge = this.window.edge;
    if (!edge) return refused(503, 'not-begun', 1);
    if (msn > edge.msn + 2) return refused(400, 'beyond-the-edge');
    const limit = advancePartLimit(this.settings.partMs ?? this.settings.segmentMs);
    if (part !== null && msn === edge.msn && part > edge.part + limit) return refused(400, 'beyond-the-edge');
    if (part !== null && msn > edge.msn && part > limit) return refused(400, 'beyond-the-edge');
    return null;
  }

  /** After the end, those who reload keep their window; those who come then get the whole show. */
  #render(skip: boolean, reload: boolean): RenderedText {
    if (this.#renderedVersion !== this.window.version) {
      this.#rendered.clear();
      // Asked for once a version: its delta tells the same as its full list, though another rendition went on meanwhile.
      this.#told = this.reports();
    }
    this.#renderedVersion = this.window.version;
    const { ended } = this.window;
    const form = ended ? (reload ? 'ended window' : 'ended') : skip ? 'delta' : 'full';
    const known = this.#rendered.get(form);
    if (known) return known;
    const text =
      form === 'ended'
        ? renderEndedPlaylist(this.window.segments, this.settings.segmentMs)
        : renderLivePlaylist(this.window, this.settings, { delta: skip, reports: this.#told });
    const made = renderText(text);
    this.#rendered.set(form, made);
    return made;
  }

  async part(msn: number, part: number): Promise<MediaAnswer> {
    // Without parts in the list nobody asks for one but a player that was told so by an older list.
    const found = () => (this.settings.partMs === null ? undefined : this.window.at(msn)?.parts[part]);
    if (!found() && this.#partMayCome(msn, part)) {
      const isOver = () => found() !== undefined || !this.#partMayCome(msn, part);
      const came = await this.#waits.until(`part ${msn} ${part}`, isOver, this.#waitMs);
      if (!came) return refused(503, 'no-new-part', 1);
    }
    const bytes = found()?.bytes;
    return bytes
      ? { kind: 'media', bytes, etag: `"${msn}.${part}-${bytes.byteLength}"` }
      : refused(404, 'no-such-part');
  }

  #partMayCome(msn: number, part: number): boolean {
    const { last, ended } = this.window;
    if (!last || ended || this.settings.partMs === null) return false;
    if (msn === last.m) return !last.closed && last.whole && part <= last.parts.length + 1;
    return msn === last.m + 1 && part <= 1;
  }

  async segment(msn: number): Promise<MediaAnswer> {
    const { window } = this;
    const isOver = () => window.ended || window.at(msn)?.closed === true;
    const { last } = window;
    const mayCome = last !== undefined && (msn === last.m || msn === last.m + 1);
    if (mayCome && !isOver() && !(await this.#waits.until(`segment ${msn}`, isOver, this.#waitMs))) {
      return refused(503, 'no-new-part', 1);
    }
    const segment = window.at(msn);
    if (!segment?.closed) return refused(404, 'no-such-segment');
    const { whole, parts } = segment;
    // Joined once for all who ask, and kept like a stored one.
    const join = async () => Buffer.concat(parts.map((part) => part.bytes));
    const key = mediaKeys.segment(this.playbackId, this.id, msn);
    const inMemory = whole && parts.length > 0;
    const bytes = await this.stored.get(key, inMemory ? join : undefined);
    return bytes ? { kind: 'media', bytes, etag: segmentTag(segment), stored: true } : refused(404, 'segment-lost');
  }

  segmentTag(msn: number): string | null {
    const segment = this.window.at(msn);
    return segment?.closed && !segment.gap ? segmentTag(segment) : null;
  }

  async init(epoch: number, fetchInit: () => Promise<Uint8Array | null>): Promise<MediaAnswer> {
    const bytes =
      this.window.inits.get(epoch) ??
      (await fetchInit().catch(() => null)) ??
      (await this.stored.get(mediaKeys.init(this.playbackId, this.id, epoch)));
    if (!bytes) return refused(404, 'no-such-init');
    this.window.inits.set(epoch, bytes);
    return { kind: 'media', bytes, etag: `"init-${epoch}-${bytes.byteLength}"` };
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#waits.giveUp();
  }
}
