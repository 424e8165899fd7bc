import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { FeedPush, FeedRendition, FeedShows } from '#core/playback/live-feed';
import type { Latency } from '#core/scene/scene';
import type { Leftovers } from './feed-leftovers.ts';
import { LiveFeed } from './live-feed.ts';
import { type Earlier, earlierOf, readStoredIndexes } from './resume.ts';
import { openBucket, type S3Plan } from './s3.ts';
import { SegmentsOutput, type SegmentTotals } from './segments.ts';
import { Spool } from './spool.ts';
import { Storage } from './storage.ts';

export type SegmentsPlan = {
  egressId: string;
  redisUrl: string;
  playbackId: string | null;
  prefix: string;
  storage: S3Plan;
  spoolFolder?: string;
};

export type AnnouncedShow = {
  partMs: number;
  segmentMs: number;
  latency: Latency;
  startedAtMs: number;
  renditions: { rendition: FeedRendition; init: Buffer }[];
};

const SPOOL_BYTES = 512 * 1024 * 1024; // ten minutes at 6 Mbit/s
const DRAIN_MS = 30_000;
const FEED_DRAIN_MS = 5000;

/** Live feed and storage of one egress, opened and ended together. */
export class MediaOutputs {
  readonly segments: SegmentsOutput;
  /** What earlier writers of this broadcast left; null at a first start. */
  readonly earlier: Earlier | null;
  readonly epoch: number;
  readonly #feed: LiveFeed | null;
  readonly #storage: Storage;
  readonly #leftovers: Leftovers | null;

  private constructor(parts: {
    segments: SegmentsOutput;
    earlier: Earlier | null;
    epoch: number;
    feed: LiveFeed | null;
    storage: Storage;
    leftovers: Leftovers | null;
  }) {
    this.segments = parts.segments;
    this.earlier = parts.earlier;
    this.epoch = parts.epoch;
    this.#feed = parts.feed;
    this.#storage = parts.storage;
    this.#leftovers = parts.leftovers;
  }

  /**
   * Takes the lease and reads where an earlier writer stopped.
   * @throws when Redis stays away for 15 s
   */
  static async open(
    plan: SegmentsPlan,
    renditions: readonly string[],
    events: { onLeaseLost(): void },
    log: Logger,
  ): Promise<MediaOutputs> {
    let segments: SegmentsOutput | null = null;
    const spool = new Spool(
      join(plan.spoolFolder ?? tmpdir(), `openair-spool-${plan.egressId}-${process.pid}`),
      SPOOL_BYTES,
    );
    const told = {
      onStored: (key: string) => segments?.stored(key),
      onLost: (key: string) => segments?.lost(key),
    };
    const storage = new Storage(openBucket(plan.storage), spool, told, log);
    const stored = await readStoredIndexes(storage, plan.prefix, renditions);
    const { playbackId, egressId, redisUrl } = plan;
    const feed = playbackId ? new LiveFeed({ playbackId, egressId, redisUrl }, events, log) : null;
    const opened = feed ? await feed.open(stored.epoch) : { epoch: stored.epoch + 1, leftovers: null };
    const earlier = opened.leftovers ? earlierOf(opened.leftovers) : stored.earlier;
    segments = new SegmentsOutput({ feed, storage, prefix: plan.prefix, epoch: opened.epoch, log });
    log.info({ playbackId, epoch: opened.epoch, lastMsn: earlier?.lastMsn ?? null }, 'feed opened');
    return new MediaOutputs({ segments, earlier, epoch: opened.epoch, feed, storage, leftovers: opened.leftovers });
  }

  /** Writes record and init segments; parts may follow. */
  announce({ renditions, ...facts }: AnnouncedShow): void {
    this.#feed?.announce({ ...facts, renditions: renditions.map(({ rendition }) => rendition) });
    for (const { rendition, init } of renditions) {
      this.segments.addRendition(rendition, init, this.earlier?.rows.get(rendition.id) ?? []);
    }
    if (this.#leftovers) this.segments.adopt(this.#leftovers);
    this.segments.putInits();
  }

  setShows(shows: FeedShows): void {
    this.#feed?.setShows(shows);
  }

  /** Tells players that a rung went off or came back. */
  setRung(id: string, on: boolean): void {
    this.#feed?.setRung(id, on);
  }

  /** What an operator wants to see of feed and storage. */
  facts(): { kind: string; state: string; queue: number }[] {
    const storage = {
      kind: 'storage',
      state: this.#storage.troubled ? 'waiting' : 'writing',
      queue: this.segments.unstored,
    };
    if (!this.#feed) return [storage];
    const queue = this.#feed.waiting;
    return [{ kind: 'feed', state: queue > 50 ? 'waiting' : 'writing', queue }, storage];
  }

  setPushes(pushes: FeedPush[]): void {
    this.#feed?.setPushes(pushes);
  }

  /** The show is over: end marks, last index, everything stored (at most 30 s), keys left to expire. */
  async end(): Promise<SegmentTotals> {
    this.segments.end();
    await this.#storage.drain(DRAIN_MS);
    this.segments.writeFinalIndexes();
    await this.#storage.drain(FEED_DRAIN_MS);
    await this.#feed?.end(FEED_DRAIN_MS);
    await this.close();
    return this.segments.totals;
  }

  /** Leaves the feed as it is for a successor; used when the parent is gone or the lease is lost. */
  async leave(limitMs: number): Promise<void> {
    await this.#feed?.flush(limitMs);
    await this.close();
  }

  async close(): Promise<void> {
    this.segments.close();
    this.#feed?.close();
    await this.#storage.close();
  }
}
