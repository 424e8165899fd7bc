import { tmpdir } from 'node:os';
import type { Logger } from 'pino';
import type { FeedNote, FeedPush, FeedRendition, FeedShows } from '#core/playback/live-feed';
import type { Latency } from '#core/scene/scene';
import { inTime } from '../../in-time.ts';
import { SPOOL_PURPOSE, type SpoolNote, spoolFolderOf } from '../../late-upload.ts';
import { seal } from '../../sealed.ts';
import type { Leftovers } from './feed-leftovers.ts';
import { LiveFeed } from './live-feed.ts';
import { type Earlier, earlierOf, readStoredIndexes } from './resume.ts';
import { openBucket, type S3Plan, SILENT } from './s3.ts';
import { SegmentsOutput } from './segments.ts';
import { Spool } from './spool.ts';
import { Storage } from './storage.ts';

export type SegmentsPlan = {
  egressId: string;
  redisUrl: string;
  playbackId: string | null;
  prefix: string;
  storage: S3Plan;
  spoolFolder?: string;
  spoolBytes?: number;
  resumes?: boolean;
  livekit: { apiSecret: string };
};

export type AnnouncedShow = {
  partMs: number;
  segmentMs: number;
  latency: Latency;
  startedAtMs: number;
  renditions: { rendition: FeedRendition; init: Buffer }[];
};

const SPOOL_BYTES = 512 * 1024 * 1024; // ten minutes at 6 Mbit/s
/** After the end of the show; what takes longer goes on behind it, from the spool. */
const DRAIN_MS = 12_000;
const LAST_DRAIN_MS = 3000;
const FEED_DRAIN_MS = 5000;
/** Storage is asked where an earlier writer stopped only when the feed does not know, and never long. */
const ASK_STORAGE_MS = 3000;

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
   * @throws when Redis stays away for 15 s, or another egress writes this feed
   */
  static async open(
    plan: SegmentsPlan,
    renditions: readonly string[],
    events: { onLeaseLost(): void },
    log: Logger,
  ): Promise<MediaOutputs> {
    let segments: SegmentsOutput | null = null;
    const { playbackId, egressId, redisUrl, resumes = false } = plan;
    const note: SpoolNote = { egressId, playbackId, storage: plan.storage };
    const folder = spoolFolderOf(plan.spoolFolder ?? tmpdir(), egressId);
    const sealed = seal(plan.livekit.apiSecret, SPOOL_PURPOSE, note);
    const told = {
      onStored: (key: string) => segments?.stored(key),
      onLost: (key: string) => segments?.lost(key),
    };
    const spool = new Spool(folder, plan.spoolBytes ?? SPOOL_BYTES, sealed);
    const storage = new Storage(openBucket(plan.storage), spool, told, log);
    const feed = playbackId ? new LiveFeed({ playbackId, egressId, redisUrl, resumes }, events, log) : null;
    let opened = (await feed?.open(0)) ?? { epoch: 1, leftovers: null };
    let earlier = opened.leftovers ? earlierOf(opened.leftovers) : null;
    if (!earlier) {
      const asked = readStoredIndexes(storage, plan.prefix, renditions);
      const stored = await inTime(asked, ASK_STORAGE_MS, SILENT).catch(() => ({ epoch: 0, earlier: null }));
      earlier = stored.earlier;
      // Redis lost its memory: epochs go on behind those that storage knows.
      if (stored.epoch >= opened.epoch)
        opened = (await feed?.open(stored.epoch)) ?? { ...opened, epoch: stored.epoch + 1 };
    }
    storage.epoch = feed ? opened.epoch : 0;
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
    void this.#takeOver();
    this.segments.putInits();
  }

  /** What a process before us had packaged and not stored: from its spool and from the feed. */
  async #takeOver(): Promise<void> {
    const keys = await this.#storage.adopt();
    this.segments.expect(keys);
    if (this.#leftovers) this.segments.adopt(this.#leftovers);
  }

  /** For what lies beside the segments: pictures of the show. */
  get beside(): Pick<Storage, 'replace' | 'get'> {
    return this.#storage;
  }

  /** How much of the show earlier writers left, in seconds of its playlist. */
  get earlierS(): number {
    const lengths = [...(this.earlier?.rows.values() ?? [])].map((rows) => rows.reduce((sum, { d }) => sum + d, 0));
    return Math.max(0, ...lengths) / 90_000;
  }

  setShows(shows: FeedShows): void {
    this.#feed?.setShows(shows);
  }

  /** Tells players that a rung went off or came back. */
  setRung(id: string, on: boolean): void {
    this.#feed?.setRung(id, on);
  }

  setNotes(notes: FeedNote[]): void {
    this.#feed?.setNotes(notes);
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

  /**
   * Nothing follows: last index, keys left to expire. What storage does not take in time stays in the spool.
   * @param isOver with end marks, too, at which players stop; else the app may have another egress go on with its show
   * @returns objects that are still to be stored
   */
  async end(isOver: boolean): Promise<{ waiting: number }> {
    this.segments.end(isOver || !this.#feed);
    await this.segments.handedOver();
    // Another process of this egress may have closed after we began.
    await this.#storage.adopt();
    const stored = await this.#storage.drain(DRAIN_MS);
    this.segments.writeFinalIndexes();
    await this.#storage.drain(stored ? LAST_DRAIN_MS : 0);
    this.segments.close();
    const waiting = await this.#storage.close('ended');
    if (waiting > 0) await this.#feed?.noteLate(waiting);
    await this.#feed?.end(FEED_DRAIN_MS, isOver);
    this.#feed?.close();
    return { waiting };
  }

  /** Leaves the feed as it is for a successor; used when the parent is gone or the lease is lost. */
  async leave(limitMs: number, how: 'left' | 'lost'): Promise<void> {
    this.segments.close();
    await Promise.all([how === 'left' ? this.#feed?.flush(limitMs) : null, this.#storage.close(how)]);
    this.#feed?.close();
  }
}
