import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import {
  FEED_KEEP_AFTER_END_S,
  FEED_NEWS_CHANNEL,
  FEED_TRIM_MS,
  type FeedEntry,
  type FeedNote,
  type FeedPush,
  type FeedRecord,
  type FeedRendition,
  type FeedShows,
  feedKeys,
  type IndexEntry,
  LATE_UPLOADS_KEY,
  type LateUpload,
} from '#core/playback/live-feed';
import { entryFields, recordFields } from './feed-fields.ts';
import { type Leftovers, readLeftovers } from './feed-leftovers.ts';
import {
  ACQUIRE,
  APPEND,
  DONE,
  EXPIRE_ALL,
  KEEP_ALL,
  LEASE_LOST,
  PUT_INIT,
  PUT_RECORD,
  RENEW,
  RESTORE_RECORD,
} from './feed-scripts.ts';
import { WriteQueue } from './write-queue.ts';

const LEASE_MS = 4000;
const RENEW_MS = 1000;
const OPEN_LIMIT_MS = 15_000;

/** A connection whose commands fail at once while Redis is away: waiting and order are the queue's. */
export function connectFeedRedis(url: string): Redis {
  return new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    commandTimeout: 3000,
    connectTimeout: 3000,
    retryStrategy: (times) => Math.min(100 * times, 1000),
  });
}

export type FeedPlan = {
  playbackId: string;
  egressId: string;
  redisUrl: string;
  /** An earlier process began this egress: a feed that another egress is writing by now is left alone. */
  resumes: boolean;
};
export type FeedOpened = { epoch: number; leftovers: Leftovers | null };

/**
 * Writer of one broadcast's live feed. Never blocks the engine: all writes go through a queue. Holds the lease by its epoch; once a
 * newer writer was seen, nothing is written any more and `onLeaseLost` is called.
 */
export class LiveFeed {
  readonly #plan: FeedPlan;
  readonly #events: { onLeaseLost(): void };
  readonly #redis: Redis;
  readonly #queue: WriteQueue;
  readonly #keys: { record: string; lease: string; init: string; cursors: string };
  readonly #inits = new Map<string, Buffer>();
  #record: FeedRecord | null = null;
  #epoch = 0;
  #renewal: NodeJS.Timeout | null = null;
  #renewedAt = 0;

  constructor(plan: FeedPlan, events: { onLeaseLost(): void }, log: Logger) {
    this.#plan = plan;
    this.#events = events;
    this.#redis = connectFeedRedis(plan.redisUrl);
    this.#redis.on('error', (error) => log.debug({ err: error.message }, 'feed: redis'));
    const record = feedKeys.record(plan.playbackId);
    const init = feedKeys.init(plan.playbackId);
    this.#keys = { record, lease: feedKeys.lease(plan.egressId), init, cursors: `${record}:cursors` };
    this.#queue = new WriteQueue({
      onRefused: () => {
        log.warn({ epoch: this.#epoch }, 'feed: another writer has taken over');
        this.#stopRenewing();
        events.onLeaseLost();
      },
      onRecordGone: () => this.#restore(),
      onTrouble: (error, waiting) => log.warn({ err: String(error), waiting }, 'feed: cannot write, waiting'),
    });
  }

  /** Parts that fell out of the queue since the start. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /**
   * Takes the lease with a new epoch and reads what an earlier writer left. Waits for Redis up to 15 s.
   * @param leastEpoch highest epoch known from storage, so that a lost Redis does not repeat one
   * @throws when Redis stays away, or when another egress writes this feed (`onLeaseLost` was called)
   */
  async open(leastEpoch: number): Promise<FeedOpened> {
    const deadline = performance.now() + OPEN_LIMIT_MS;
    this.#stopRenewing();
    for (;;) {
      try {
        const epoch = await this.#acquire(leastEpoch);
        if (epoch === LEASE_LOST) break;
        this.#epoch = epoch;
        this.#renewedAt = performance.now();
        const { playbackId } = this.#plan;
        const leftovers = await readLeftovers(this.#redis, playbackId);
        this.#renewal = setInterval(() => this.#renew(), RENEW_MS);
        return { epoch: this.#epoch, leftovers };
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
    this.#events.onLeaseLost();
    throw new Error('another egress writes this feed');
  }

  async #acquire(leastEpoch: number): Promise<number> {
    const { record, lease } = this.#keys;
    const { egressId, resumes } = this.#plan;
    const others = resumes ? feedKeys.lease('') : '';
    const args = [leastEpoch, LEASE_MS, `${process.pid}`, egressId, others];
    return Number(await this.#redis.eval(ACQUIRE, 2, record, lease, ...args));
  }

  /** False when our lease may have run out without our knowing: we were frozen, or Redis is away. */
  isLeaseFresh(): boolean {
    return performance.now() - this.#renewedAt < LEASE_MS;
  }

  /** Asks Redis whether we are still the writer. While it is away, nobody else can have become it. */
  async askLease(): Promise<boolean> {
    const { record, lease } = this.#keys;
    const answer = await this.#redis.eval(RENEW, 2, record, lease, this.#epoch, LEASE_MS).catch(() => null);
    return answer === null || Number(answer) !== LEASE_LOST;
  }

  /** Announces the show: before the first part. */
  announce(facts: Pick<FeedRecord, 'partMs' | 'segmentMs' | 'latency' | 'startedAtMs' | 'renditions'>): void {
    this.#record = {
      ...facts,
      state: 'starting',
      shows: 'slate',
      epoch: this.#epoch,
      writer: `${process.pid}`,
      egressId: this.#plan.egressId,
      lastPartAtMs: 0,
      pushes: this.#record?.pushes ?? [],
    };
    this.#put({ ...this.#record });
    const { record } = this.#keys;
    const keys = [record, ...this.#besideRecord()];
    this.#queue.add({
      name: 'keep',
      keepMs: 0,
      run: async () => Number(await this.#redis.eval(KEEP_ALL, keys.length, ...keys, this.#epoch)),
    });
  }

  #besideRecord(): string[] {
    const { playbackId } = this.#plan;
    const ids = this.#record?.renditions.map(({ id }) => id) ?? [];
    const streams = ids.flatMap((id) => [feedKeys.stream(playbackId, id), feedKeys.index(playbackId, id)]);
    return [this.#keys.init, this.#keys.cursors, ...streams];
  }

  putInit(rendition: FeedRendition['id'], bytes: Buffer): void {
    const field = `${rendition}:${this.#epoch}`;
    this.#inits.set(field, bytes);
    const { record, init } = this.#keys;
    this.#queue.add({
      name: 'init',
      keepMs: 0,
      run: async () => Number(await this.#redis.eval(PUT_INIT, 2, record, init, this.#epoch, field, bytes)),
    });
    this.append(rendition, { t: 'init', e: this.#epoch, b: bytes });
  }

  append(rendition: string, entry: FeedEntry): void {
    const place = entry.t === 'part' ? `${entry.e}.${entry.m}.${entry.p}` : '';
    const key = feedKeys.stream(this.#plan.playbackId, rendition);
    const keepMs = entry.t === 'part' ? FEED_TRIM_MS : 0;
    const many = entry.t === 'segment' || entry.t === 'gap';
    this.#append(`${entry.t}`, key, { keepMs, many, trimMs: FEED_TRIM_MS, field: rendition, place }, entry);
    if (entry.t === 'part') this.#notePart(entry.w);
  }

  appendIndex(rendition: string, row: IndexEntry): void {
    const key = feedKeys.index(this.#plan.playbackId, rendition);
    this.#append('index', key, { keepMs: 0, many: true, trimMs: 0, field: '', place: '' }, row);
  }

  /** What the newest part shows; tells the others when it changed. */
  setShows(shows: FeedShows): void {
    if (this.#record && this.#record.shows !== shows) this.#change({ shows });
  }

  /** Says that a rung went off or came back: players are offered those that are on. */
  setRung(id: string, on: boolean): void {
    if (!this.#record) return;
    const renditions = this.#record.renditions.map((one) => (one.id === id ? { ...one, on } : one));
    this.#change({ renditions });
  }

  /** Tells those who run the show what is left out of it; the others when that changed. */
  setNotes(notes: FeedNote[]): void {
    if (this.#record && JSON.stringify(this.#record.notes ?? []) !== JSON.stringify(notes)) this.#change({ notes });
  }

  /** Writes that wait for Redis. */
  get waiting(): number {
    return this.#queue.length;
  }

  setPushes(pushes: FeedPush[]): void {
    if (this.#record) this.#change({ pushes });
  }

  /** Tells that objects of this show come into storage later: its recording is not finished before (see `LateUpload`). */
  async noteLate(waiting: number): Promise<void> {
    const note: LateUpload = { waiting, atMs: Date.now() };
    await this.#redis.hset(LATE_UPLOADS_KEY, this.#plan.playbackId, JSON.stringify(note)).catch(() => {});
  }

  /**
   * Marks the end, waits for the queue, lets the keys live ten minutes more.
   * @param isOver false when another egress may go on with the show: nobody writes, and it has not ended
   */
  async end(limitMs: number, isOver: boolean): Promise<void> {
    if (this.#record) {
      this.#change({ state: isOver ? 'ended' : 'starting' });
      const keys = [this.#keys.record, this.#keys.lease, ...this.#besideRecord()];
      this.#queue.add({
        name: 'expire',
        keepMs: 0,
        run: async () =>
          Number(await this.#redis.eval(EXPIRE_ALL, keys.length, ...keys, this.#epoch, FEED_KEEP_AFTER_END_S)),
      });
    }
    this.#stopRenewing();
    await this.#queue.drain(limitMs);
  }

  /** Waits for what is queued, at most `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    await this.#queue.drain(limitMs);
  }

  close(): void {
    this.#stopRenewing();
    this.#queue.stop();
    this.#redis.disconnect();
  }

  #append(
    name: string,
    key: string,
    how: { keepMs: number; many: boolean; trimMs: number; field: string; place: string },
    entry: FeedEntry | IndexEntry,
  ): void {
    const { record, cursors } = this.#keys;
    const args = [this.#epoch, how.trimMs, how.field, how.place, ...entryFields(entry)];
    this.#queue.add({
      name,
      keepMs: how.keepMs,
      many: how.many,
      run: async () => Number(await this.#redis.eval(APPEND, 3, record, key, cursors, ...args)),
    });
  }

  #notePart(w: number): void {
    if (!this.#record) return;
    if (this.#record.state === 'starting') this.#change({ state: 'active', lastPartAtMs: w });
    else {
      this.#record.lastPartAtMs = w;
      this.#put({ lastPartAtMs: w });
    }
  }

  #change(facts: Partial<FeedRecord>): void {
    if (!this.#record) return;
    Object.assign(this.#record, facts);
    this.#put(facts, true);
  }

  #put(facts: Partial<FeedRecord>, tell = false): void {
    const { playbackId } = this.#plan;
    const news = { playbackId, state: this.#record?.state, shows: this.#record?.shows };
    const fields = recordFields(facts);
    const head = [this.#epoch, tell ? FEED_NEWS_CHANNEL : '', JSON.stringify(news)];
    const keepMs = tell || 'renditions' in facts ? 0 : FEED_TRIM_MS;
    this.#queue.add({
      name: `record ${Object.keys(facts).join()}`,
      keepMs,
      newest: true,
      run: async () => Number(await this.#redis.eval(PUT_RECORD, 1, this.#keys.record, ...head, ...fields)),
    });
  }

  #renew(): void {
    const { record, lease } = this.#keys;
    this.#queue.add({
      name: 'lease',
      keepMs: LEASE_MS,
      newest: true,
      run: async () => {
        const answer = Number(await this.#redis.eval(RENEW, 2, record, lease, this.#epoch, LEASE_MS));
        if (answer === DONE) this.#renewedAt = performance.now();
        return answer;
      },
    });
  }

  #stopRenewing(): void {
    if (this.#renewal) clearInterval(this.#renewal);
    this.#renewal = null;
  }

  /** Redis lost its memory: record and init segments come back from ours, so that players can go on. */
  async #restore(): Promise<number> {
    if (!this.#record) return LEASE_LOST;
    const fields = recordFields(this.#record);
    const answer = await this.#redis.eval(RESTORE_RECORD, 1, this.#keys.record, this.#epoch, '', '', ...fields);
    for (const [field, bytes] of this.#inits) await this.#redis.hset(this.#keys.init, field, bytes);
    return Number(answer);
  }
}
