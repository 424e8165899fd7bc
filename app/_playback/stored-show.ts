import { renderEndedManifest, renderLiveManifest } from '#core/playback/dash';
import { FeedWindow } from '#core/playback/feed-window';
import { mediaKeys, type StoredIndex } from '#core/playback/live-feed';
import { renderMultivariantPlaylist } from '#core/playback/multivariant';
import { nominalMs, renderEndedPlaylist, renderLivePlaylist } from '#core/playback/playlist';
import {
  type MediaAnswer,
  type Playable,
  type PlaylistAnswer,
  type RenderedText,
  refused,
  segmentTag,
} from './playable.ts';
import { renderText } from './rendered-text.ts';
import type { SegmentCache } from './segment-cache.ts';

const ENDED_MAX_AGE_S = 60;
const RUNNING_MAX_AGE_S = 2;

type StoredRendition = { window: FeedWindow; text: RenderedText };

/** A show out of storage: ended, or (while the feed is lost) as far as its index was written. */
export class StoredShowReader implements Playable {
  readonly state: 'active' | 'ended';
  readonly #renditions = new Map<string, StoredRendition>();
  readonly #multivariant: RenderedText | null;
  readonly #manifest: RenderedText | null;

  constructor(
    readonly playbackId: string,
    indexes: readonly StoredIndex[],
    private readonly stored: SegmentCache,
    settings: { dvrS: number },
  ) {
    this.state = indexes.every((index) => index.ended) ? 'ended' : 'active';
    const segmentMs = nominalMs(indexes.flatMap(({ segments }) => segments));
    for (const { rendition, segments } of indexes) {
      const window = new FeedWindow({ keepPartsMs: 0, segmentMs });
      window.restore(segments, []);
      const text =
        this.state === 'ended'
          ? renderEndedPlaylist(window.segments, segmentMs)
          : renderLivePlaylist(window, { dvrS: settings.dvrS, segmentMs, partMs: null }, { delta: false, reports: [] });
      this.#renditions.set(rendition.id, { window, text: renderText(text) });
    }
    // What was off when the show ended is a rendition with gaps now.
    const multivariant = renderMultivariantPlaylist(indexes.map(({ rendition }) => ({ ...rendition, on: true })));
    this.#multivariant = multivariant === null ? null : renderText(multivariant);
    const manifest = this.#renderManifest(indexes, segmentMs, settings.dvrS);
    this.#manifest = manifest === null ? null : renderText(manifest);
  }

  get playable(): boolean {
    return [...this.#renditions.values()].some(({ window }) => window.segments.length > 0);
  }

  get #maxAgeS(): number {
    return this.state === 'ended' ? ENDED_MAX_AGE_S : RUNNING_MAX_AGE_S;
  }

  async multivariant(): Promise<PlaylistAnswer> {
    if (!this.#multivariant || !this.playable) return refused(404, 'no-recording');
    return { kind: 'playlist', text: this.#multivariant, maxAgeS: this.#maxAgeS };
  }

  #renderManifest(indexes: readonly StoredIndex[], segmentMs: number, dvrS: number): string | null {
    const renditions = indexes.flatMap(({ rendition }) => {
      const segments = this.#renditions.get(rendition.id)?.window.segments;
      return segments ? [{ rendition: { ...rendition, on: true }, segments }] : [];
    });
    const startedAtMs = Math.min(...renditions.flatMap(({ segments }) => segments[0]?.w ?? []));
    const source = { renditions, startedAtMs, segmentMs };
    if (this.state === 'ended') return renderEndedManifest(source, { closeHoles: true });
    return renderLiveManifest(source, { dvrS, latency: 'standard' });
  }

  async manifest(): Promise<PlaylistAnswer> {
    if (!this.#manifest) return refused(404, 'no-recording');
    return { kind: 'playlist', text: this.#manifest, maxAgeS: this.#maxAgeS };
  }

  async mediaPlaylist(id: string): Promise<PlaylistAnswer> {
    const found = this.#renditions.get(id);
    return found ? { kind: 'playlist', text: found.text, maxAgeS: this.#maxAgeS } : refused(404, 'no-such-rendition');
  }

  async init(id: string, epoch: number): Promise<MediaAnswer> {
    if (!this.#renditions.has(id)) return refused(404, 'no-such-rendition');
    return this.#object(mediaKeys.init(this.playbackId, id, epoch), `"init-${epoch}"`, 'no-such-init');
  }

  async segment(id: string, msn: number): Promise<MediaAnswer> {
    const segment = this.#renditions.get(id)?.window.at(msn);
    if (!segment) return refused(404, 'no-such-segment');
    return this.#object(mediaKeys.segment(this.playbackId, id, msn), segmentTag(segment), 'segment-lost');
  }

  segmentTag(id: string, msn: number): string | null {
    const segment = this.#renditions.get(id)?.window.at(msn);
    return segment && !segment.gap ? segmentTag(segment) : null;
  }

  async #object(key: string, etag: string, absent: string): Promise<MediaAnswer> {
    const bytes = await this.stored.get(key);
    return bytes ? { kind: 'media', bytes, etag, stored: true } : refused(404, absent);
  }

  /** Parts are for the live edge only. */
  async part(): Promise<MediaAnswer> {
    return refused(404, 'no-such-part');
  }

  /** Read anew every few seconds while the show runs, with the reach of that moment. */
  reachBack(): void {}

  close(): void {}
}
