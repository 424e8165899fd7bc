import { FeedWindow } from '#core/playback/feed-window';
import { mediaKeys, type StoredIndex } from '#core/playback/live-feed';
import { renderMultivariantPlaylist } from '#core/playback/multivariant';
import { renderEndedPlaylist, renderLivePlaylist } from '#core/playback/playlist';
import { type MediaAnswer, type Playable, type PlaylistAnswer, type RenderedText, refused } from './playable.ts';
import { renderText } from './rendered-text.ts';
import type { SegmentCache } from './segment-cache.ts';

const ENDED_MAX_AGE_S = 60;
const RUNNING_MAX_AGE_S = 2;
const SEGMENT_MS = 1000;

type StoredRendition = { window: FeedWindow; text: RenderedText };

/** A show out of storage: ended, or (while the feed is lost) as far as its index was written. */
export class StoredShowReader implements Playable {
  readonly state: 'active' | 'ended';
  readonly #renditions = new Map<string, StoredRendition>();
  readonly #multivariant: RenderedText | null;

  constructor(
    readonly playbackId: string,
    indexes: readonly StoredIndex[],
    private readonly stored: SegmentCache,
    settings: { dvrS: number },
  ) {
    this.state = indexes.every((index) => index.ended) ? 'ended' : 'active';
    for (const { rendition, segments } of indexes) {
      const window = new FeedWindow({ keepPartsMs: 0, segmentMs: SEGMENT_MS });
      window.restore(segments, []);
      const text =
        this.state === 'ended'
          ? renderEndedPlaylist(window.segments, SEGMENT_MS)
          : renderLivePlaylist(
              window,
              { dvrS: settings.dvrS, segmentMs: SEGMENT_MS, partMs: null },
              { delta: false, reports: [] },
            );
      this.#renditions.set(rendition.id, { window, text: renderText(text) });
    }
    const multivariant = renderMultivariantPlaylist(indexes.map((index) => index.rendition));
    this.#multivariant = multivariant === null ? null : renderText(multivariant);
  }

  get playable(): boolean {
    return [...this.#renditions.values()].some(({ window }) => window.segments.length > 0);
  }

  get #maxAgeS(): number {
    return this.state === 'ended' ? ENDED_MAX_AGE_S : RUNNING_MAX_AGE_S;
  }

  multivariant(): PlaylistAnswer {
    if (!this.#multivariant || !this.playable) return refused(404, 'no-recording');
    return { kind: 'playlist', text: this.#multivariant, maxAgeS: this.#maxAgeS };
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
    return this.#object(mediaKeys.segment(this.playbackId, id, msn), `"${msn}"`, 'segment-lost');
  }

  async #object(key: string, etag: string, absent: string): Promise<MediaAnswer> {
    const bytes = await this.stored.get(key);
    return bytes ? { kind: 'media', bytes, etag } : refused(404, absent);
  }

  /** Parts are for the live edge only. */
  async part(): Promise<MediaAnswer> {
    return refused(404, 'no-such-part');
  }

  close(): void {}
}
