import { renderEndedManifest, renderLiveManifest } from '#core/playback/dash';
import type { FeedBatch, FeedReader, FeedSnapshot } from '#core/playback/feed-reader';
import { LATENCY_MODES } from '#core/playback/latency-mode';
import type { FeedRecord, FeedState } from '#core/playback/live-feed';
import { renderMultivariantPlaylist } from '#core/playback/multivariant';
import { type RenditionReport, targetDurationS } from '#core/playback/playlist';
import { LiveRendition } from './live-rendition.ts';
import {
  type MediaAnswer,
  type Playable,
  type PlaylistAnswer,
  type Refused,
  type ReloadRequest,
  type RenderedText,
  refused,
} from './playable.ts';
import { renderText } from './rendered-text.ts';
import type { SegmentCache } from './segment-cache.ts';
import { Waits } from './waits.ts';

/** A feed without news for this long, and without a record or not to be asked, is lost: the show is looked for anew, in storage too. */
const LOST_MS = 10_000;
/** A show that is over by its record gets no more parts after this long. */
const QUIET_MS = 5000;
/** How often the feed's record is read again while it runs: state, a new writer, renditions. */
const RECORD_EVERY_MS = 2000;
/** The list of renditions changes while the show runs: browsers ask for it anew, a shared cache answers for this long, s. */
const MULTIVARIANT_SHARED_S = 1;
const MANIFEST_MAX_AGE_S = 1;
const ENDED_MAX_AGE_S = 30;

export type LiveShowSettings = { dvrS: number; keepPartsMs: number };
export type LiveShowParts = {
  reader: FeedReader;
  stored: SegmentCache;
  settings: LiveShowSettings;
  /** Told how old a part was when it came, ms. */
  onPart(lagMs: number): void;
  onTrouble(error: unknown): void;
};

/** A show that is read from the live feed: one follower for all its viewers. */
export class LiveShow implements Playable {
  readonly #renditions = new Map<string, LiveRendition>();
  readonly #waits = new Waits();
  readonly #stop = new AbortController();
  #record: FeedRecord;
  #recordAt = performance.now();
  #newsAt = performance.now();
  /** The record was gone, or the feed could not be asked, at the last look. */
  #unread = false;
  #dvrS: number;
  #multivariant: { of: string; text: RenderedText } | undefined;
  #manifest: { of: string; text: RenderedText } | undefined;

  constructor(
    readonly playbackId: string,
    snapshot: FeedSnapshot,
    private readonly parts: LiveShowParts,
  ) {
    this.#record = snapshot.record;
    this.#dvrS = parts.settings.dvrS;
    const cursors = this.#restore(snapshot);
    if (this.state !== 'ended' || !this.#allEnded) this.#run(cursors);
  }

  get state(): FeedState {
    return this.#allEnded ? 'ended' : this.#record.state;
  }

  get shows(): FeedRecord['shows'] {
    return this.#record.shows;
  }

  get playable(): boolean {
    return this.#everyRung(({ segments }) => segments.length > 0);
  }

  /** Of all that players are offered now; false while there is none. */
  #everyRung(holds: (window: LiveRendition['window']) => boolean): boolean {
    const all = [...this.#renditions.values()].filter(({ id }) => !this.#isPaused(id));
    return all.length > 0 && all.every(({ window }) => holds(window));
  }

  get waiting(): number {
    return [...this.#renditions.values()].reduce((sum, rendition) => sum + rendition.waiting, this.#waits.size);
  }

  /** True when the feed is gone from Redis without having ended, or Redis itself is away. */
  get lost(): boolean {
    return this.#unread && !this.#allEnded && performance.now() - this.#newsAt > LOST_MS;
  }

  /** The broadcast is known to be over: when no part came for a while its playlists end here, whoever forgot to say so. */
  finishIfQuiet(): void {
    if (!this.#allEnded && performance.now() - this.#newsAt > QUIET_MS) this.#endAll(this.#record.epoch);
  }

  get #allEnded(): boolean {
    const all = [...this.#renditions.values()];
    return all.length > 0 && all.every(({ window }) => window.ended);
  }

  get #latency() {
    return this.#record.latency ?? 'low';
  }

  /** The engine has dropped this rung for a while. After the end it is a rendition with gaps like any other. */
  #isPaused(id: string): boolean {
    return !this.#allEnded && this.#record.renditions.some((each) => each.id === id && each.on === false);
  }

  #add(id: string): LiveRendition {
    const { segmentMs } = this.#record;
    const partMs = LATENCY_MODES[this.#latency].listsParts ? this.#record.partMs : null;
    const settings = { ...this.parts.settings, dvrS: this.#dvrS, partMs, segmentMs };
    const reports = (): RenditionReport[] => this.#reportsBut(id);
    const made = new LiveRendition(this.playbackId, id, settings, this.parts.stored, reports);
    this.#renditions.set(id, made);
    return made;
  }

  #reportsBut(id: string): RenditionReport[] {
    return [...this.#renditions.values()].flatMap(({ id: other, window }) => {
      const edge = window.edge;
      return other === id || !edge || this.#isPaused(other) ? [] : [{ id: other, ...edge }];
    });
  }

  #restore(snapshot: FeedSnapshot): Map<string, string> {
    const cursors = new Map<string, string>();
    for (const [id, { index, entries, cursor }] of snapshot.renditions) {
      const rendition = this.#renditions.get(id) ?? this.#add(id);
      for (const [name, bytes] of snapshot.inits) {
        const [of, epoch] = name.split(':');
        if (of === id) rendition.window.inits.set(Number(epoch), bytes);
      }
      rendition.restore(index, entries);
      cursors.set(id, cursor);
    }
    return cursors;
  }

  /** Follows the feed until it ends or nobody needs it; a failure is told and tried again by the reader. */
  #run(cursors: Map<string, string>): void {
    const { signal } = this.#stop;
    const follow = async () => {
      for await (const batches of this.parts.reader.follow(this.playbackId, cursors, signal)) {
        for (const batch of batches) {
          cursors.set(batch.rendition, batch.cursor);
          this.#take(batch);
        }
        if (this.#allEnded) return this.#waits.look();
        await this.#refreshRecord(cursors);
        this.#waits.look();
      }
    };
    follow().catch((error) => this.parts.onTrouble(error));
  }

  #take({ rendition, entries }: FeedBatch): void {
    if (entries.length > 0) this.#newsAt = performance.now();
    const newest = entries.findLast((entry) => entry.t === 'part');
    if (newest?.t === 'part') this.parts.onPart(Date.now() - newest.w - newest.d / 90);
    this.#renditions.get(rendition)?.take(entries);
  }

  async #refreshRecord(cursors: Map<string, string>): Promise<void> {
    if (performance.now() - this.#recordAt < RECORD_EVERY_MS && this.#renditions.size > 0) return;
    this.#recordAt = performance.now();
    try {
      const record = await this.parts.reader.record(this.playbackId);
      this.#unread = record === null;
      if (!record) return;
      if (record.state === 'ended' && this.#record.state === 'ended') this.#endAll(record.epoch);
      this.#record = record;
      for (const { id } of record.renditions) {
        if (this.#renditions.has(id)) continue;
        this.#add(id);
        cursors.set(id, '0-0');
      }
    } catch (error) {
      this.#unread = true;
      this.parts.onTrouble(error);
    }
  }

  /** The writer said that it is over, two looks ago, and yet its end mark is missing: nobody shall wait for more. */
  #endAll(epoch: number): void {
    for (const rendition of this.#renditions.values()) {
      rendition.take([{ t: 'end', e: epoch, m: rendition.window.last?.m ?? 0 }]);
    }
    this.#waits.look();
  }

  /** Sound is there before the pictures of every rung are: the first who ask wait like those who reload (bis 6.2.5.2). */
  async #begun(what: string, holds: () => boolean): Promise<Refused | null> {
    const isOver = () => holds() || this.#allEnded;
    const limitMs = 3000 * targetDurationS([], this.#record.segmentMs);
    if (!(await this.#waits.until(what, isOver, limitMs))) return this.#notPlaying();
    return holds() ? null : this.#notPlaying();
  }

  #notPlaying(): Refused {
    const begun = [...this.#renditions.values()].some(({ window }) => window.segments.length > 0);
    return begun && !this.#allEnded ? refused(503, 'no-new-part', 1) : refused(404, 'not-begun', 1);
  }

  async multivariant(): Promise<PlaylistAnswer> {
    const wrong = await this.#begun('first parts', () => this.playable);
    if (wrong) return wrong;
    const text = renderMultivariantPlaylist(this.#record.renditions);
    if (text === null) return refused(404, 'not-begun', 1);
    if (this.#multivariant?.of !== text) this.#multivariant = { of: text, text: renderText(text) };
    return { kind: 'playlist', text: this.#multivariant.text, maxAgeS: 0, sharedS: MULTIVARIANT_SHARED_S };
  }

  /** Rendered once a change, like the playlists. */
  async manifest(): Promise<PlaylistAnswer> {
    const hasWhole = ({ segments }: LiveRendition['window']) => segments.some(({ closed }) => closed);
    const wrong = await this.#begun('first segments', () => this.#everyRung(hasWhole));
    if (wrong) return wrong;
    const ended = this.#allEnded;
    const maxAgeS = ended ? ENDED_MAX_AGE_S : MANIFEST_MAX_AGE_S;
    const of = [
      ended,
      this.#dvrS,
      ...[...this.#renditions.values()].map(({ id, window }) => `${id}${window.version}${this.#isPaused(id)}`),
    ].join();
    if (this.#manifest?.of === of) return { kind: 'playlist', text: this.#manifest.text, maxAgeS };
    const renditions = this.#record.renditions.flatMap((rendition) => {
      const segments = this.#renditions.get(rendition.id)?.window.segments;
      return segments ? [{ rendition, segments }] : [];
    });
    const { startedAtMs, segmentMs } = this.#record;
    const source = { renditions, startedAtMs, segmentMs };
    const text = ended
      ? renderEndedManifest(source, { closeHoles: false })
      : renderLiveManifest(source, { dvrS: this.#dvrS, latency: this.#latency });
    if (text === null) return refused(404, 'not-begun', 1);
    this.#manifest = { of, text: renderText(text) };
    return { kind: 'playlist', text: this.#manifest.text, maxAgeS };
  }

  async mediaPlaylist(id: string, request: ReloadRequest): Promise<PlaylistAnswer> {
    if (this.#isPaused(id)) return refused(404, 'rendition-paused');
    return this.#renditions.get(id)?.playlist(request) ?? refused(404, 'no-such-rendition');
  }

  async init(id: string, epoch: number): Promise<MediaAnswer> {
    const fetchInit = () => this.parts.reader.init(this.playbackId, id, epoch);
    return this.#renditions.get(id)?.init(epoch, fetchInit) ?? refused(404, 'no-such-rendition');
  }

  async segment(id: string, msn: number): Promise<MediaAnswer> {
    return this.#renditions.get(id)?.segment(msn) ?? refused(404, 'no-such-rendition');
  }

  segmentTag(id: string, msn: number): string | null {
    return this.#renditions.get(id)?.segmentTag(msn) ?? null;
  }

  async part(id: string, msn: number, part: number): Promise<MediaAnswer> {
    return this.#renditions.get(id)?.part(msn, part) ?? refused(404, 'no-such-rendition');
  }

  reachBack(dvrS: number): void {
    this.#dvrS = dvrS;
    for (const rendition of this.#renditions.values()) rendition.reachBack(dvrS);
  }

  close(): void {
    this.#stop.abort();
    this.#waits.giveUp();
    for (const rendition of this.#renditions.values()) rendition.close();
  }
}
