import type { Logger } from 'pino';
import type { Spool } from './spool.ts';

/** Where objects go; the S3 client behind it is made in `s3.ts`. */
export type Bucket = {
  put(key: string, bytes: Buffer, headers: Record<string, string>): Promise<void>;
  get(key: string): Promise<Buffer | null>;
  /** Of the writer whose object lies there; 0 = it bears none, or there is no such object. Absent = writers are not told apart. */
  epochOf?(key: string): Promise<number>;
  /** It refuses for good: waiting for it is in vain. */
  readonly refuses?: boolean;
};

export type StoreEvents = {
  /** The object is in storage. */
  onStored(key: string): void;
  /** It never will be: the spool was full. */
  onLost(key: string): void;
};

const TYPES: Record<string, string> = {
  '.json': 'application/json',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.m3u': 'application/vnd.apple.mpegurl',
  '.ts': 'video/mp2t',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.vtt': 'text/vtt',
};
const IMMUTABLE = 'public, max-age=31536000, immutable';
const CHANGING = 'no-store';
/** Metadata of an object of a feed: the epoch of its writer. */
export const EPOCH_HEADER = 'x-amz-meta-epoch';
const BACK_OFF_MS = [500, 1000, 2000, 4000, 5000];
/** Objects that wait in memory for their first try; more go to the spool at once. */
const IN_MEMORY = 4;
const AT_ONCE = 2;

/**
 * Brings objects into storage beside the live path: it never makes the engine wait. What fails goes to the spool on disk and is tried
 * again, oldest first, until it is stored or the spool is full.
 */
export class Storage {
  readonly #bucket: Bucket;
  readonly #spool: Spool;
  readonly #events: StoreEvents;
  readonly #log: Logger;
  readonly #fresh: { key: string; bytes: Buffer }[] = [];
  readonly #latest = new Map<string, Buffer>();
  readonly #underWay = new Map<string, Buffer>();
  #active = 0;
  #attempt = 0;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;
  #idle: (() => void)[] = [];
  #spooling = Promise.resolve();
  /** Of this writer of the feed; 0 = without a feed nobody else writes these objects. */
  epoch = 0;

  constructor(bucket: Bucket, spool: Spool, events: StoreEvents, log: Logger) {
    this.#bucket = bucket;
    this.#spool = spool;
    this.#events = events;
    this.#log = log;
  }

  /** True while storage does not take what it is given. */
  get troubled(): boolean {
    return this.#attempt > 0;
  }

  /** An object that is written once: init segment, segment. */
  put(key: string, bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#attempt > 0 || this.#fresh.length >= IN_MEMORY) this.#toSpool(key, bytes);
    else this.#fresh.push({ key, bytes });
    this.#pump();
  }

  /** An object that changes: only its newest state is kept and sent. */
  replace(key: string, bytes: Buffer): void {
    if (this.#closed) return;
    this.#latest.set(key, bytes);
    this.#pump();
  }

  /** Goes on with what a dead process of the same egress left on disk. @returns the keys of it */
  async adopt(): Promise<Set<string>> {
    const found = await this.#spool.adopt();
    if (found > 0) this.#log.info({ spooled: found }, 'taking over what an earlier process could not store');
    this.#pump();
    return new Set(this.#spool.keys());
  }

  /** Objects that are not in storage yet. */
  get waiting(): number {
    return this.#underWay.size + this.#fresh.length + this.#latest.size + this.#spool.length;
  }

  async get(key: string): Promise<Buffer | null> {
    return this.#bucket.get(key);
  }

  /** Waits until everything is stored. @returns false when `limitMs` passed before */
  async drain(limitMs: number): Promise<boolean> {
    if (this.#isIdle()) return true;
    if (this.#bucket.refuses) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs);
    });
    const empty = new Promise<boolean>((resolve) => this.#idle.push(() => resolve(true)));
    const done = await Promise.race([late, empty]);
    clearTimeout(timer);
    return done;
  }

  /**
   * Ends the work. What is not stored goes to disk and stays there, for a successor or for the worker to bring into storage later.
   * @param how `left`: a successor goes on and writes the changing objects anew, so that ours are dropped; `lost`: it has taken our numbers
   *   too, nothing of ours may follow
   * @returns how many objects that are; 0 = all is stored, or never will be since storage refuses for good
   */
  async close(how: 'ended' | 'left' | 'lost'): Promise<number> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    const underWay = [...this.#underWay];
    await this.#spooling;
    if (how === 'lost') return this.#spool.length;
    if (this.#bucket.refuses) {
      await this.#spool.clear();
      return 0;
    }
    // What is under way may never be answered; stored twice is stored once.
    const { epoch } = this;
    for (const [key, bytes] of underWay) await this.#spool.put(key, bytes, { epoch });
    for (const { key, bytes } of this.#fresh.splice(0)) await this.#spool.put(key, bytes, { epoch });
    if (how === 'ended') {
      for (const [key, bytes] of this.#latest) await this.#spool.put(key, bytes, { epoch, changing: true });
    }
    const waiting = this.#spool.length;
    if (waiting === 0) await this.#spool.clear();
    return waiting;
  }

  #isIdle(): boolean {
    return this.#active === 0 && this.#fresh.length === 0 && this.#latest.size === 0 && this.#spool.length === 0;
  }

  #pump(): void {
    if (this.#closed || this.#retry) return;
    while (this.#active < AT_ONCE) {
      const fresh = this.#fresh.shift();
      if (!fresh) break;
      const { key, bytes } = fresh;
      this.#underWay.set(key, bytes);
      const done = () => this.#underWay.delete(key);
      void this.#work(
        () => this.#store(key, bytes, { cache: IMMUTABLE, epoch: this.epoch }).then(() => void done()),
        () => {
          if (this.#closed) return;
          done();
          this.#toSpool(key, bytes);
        },
      );
    }
    if (this.#active > 0) return;
    if (this.#spool.oldest())
      void this.#work(
        () => this.#storeOldest(),
        () => {},
      );
    else if (this.#latest.size > 0)
      void this.#work(
        () => this.#storeLatest(),
        () => {},
      );
    else for (const resume of this.#idle.splice(0)) resume();
  }

  async #work(task: () => Promise<void>, failed: () => void): Promise<void> {
    this.#active++;
    try {
      await task();
      if (this.#attempt > 0) this.#log.info({ spooled: this.#spool.length }, 'storage is back');
      this.#attempt = 0;
    } catch (error) {
      failed();
      if (this.#attempt === 0) this.#log.warn({ err: String(error) }, 'storage does not take objects, spooling');
      this.#later();
    } finally {
      this.#active--;
      await this.#spooling;
      this.#pump();
    }
  }

  #later(): void {
    if (this.#retry || this.#closed) return;
    const ms = BACK_OFF_MS[Math.min(this.#attempt++, BACK_OFF_MS.length - 1)] ?? 5000;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#pump();
    }, ms);
  }

  async #store(key: string, bytes: Buffer, { cache, epoch }: { cache: string; epoch: number }): Promise<void> {
    const type = TYPES[/\.\w+$/.exec(key)?.[0].toLowerCase() ?? ''] ?? 'video/mp4';
    const writer: Record<string, string> = epoch > 0 ? { [EPOCH_HEADER]: String(epoch) } : {};
    await this.#bucket.put(key, bytes, { 'Content-Type': type, 'Cache-Control': cache, ...writer });
    if (cache === IMMUTABLE) this.#events.onStored(key);
  }

  /** A writer that came after ours has stored this object: ours would take the show back to where it was. */
  async #isSuperseded(key: string, epoch: number): Promise<boolean> {
    if (epoch === 0 || !this.#bucket.epochOf || (await this.#bucket.epochOf(key)) <= epoch) return false;
    this.#log.info({ key, epoch }, 'a later writer has stored this object, ours is left out');
    return true;
  }

  async #storeOldest(): Promise<void> {
    const item = this.#spool.oldest();
    if (!item) return;
    const { key, epoch } = item;
    const bytes = await this.#spool.read(item);
    if (!bytes) this.#events.onLost(key);
    else if (await this.#isSuperseded(key, epoch)) this.#events.onStored(key);
    else await this.#store(key, bytes, { cache: item.changing ? CHANGING : IMMUTABLE, epoch });
    await this.#spool.remove(item);
  }

  async #storeLatest(): Promise<void> {
    const [entry] = this.#latest;
    if (!entry) return;
    const [key, bytes] = entry;
    const { epoch } = this;
    // A writer that was frozen wakes with an index that is due.
    if (!(await this.#isSuperseded(key, epoch))) await this.#store(key, bytes, { cache: CHANGING, epoch });
    if (this.#latest.get(key) === bytes) this.#latest.delete(key);
  }

  #toSpool(key: string, bytes: Buffer): void {
    this.#spooling = this.#spooling.then(async () => {
      for (const lost of await this.#spool.put(key, bytes, { epoch: this.epoch })) this.#events.onLost(lost);
      this.#pump();
    });
  }
}
