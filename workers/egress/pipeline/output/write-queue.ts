/** One write; `run` gives the script's answer or throws when Redis cannot be reached. */
export type Write = {
  name: string;
  /** Dropped when it has waited longer than this, ms; 0 = never. */
  keepMs: number;
  /** A later write of the same kind makes one that still waits worthless: only the newest is kept. */
  newest?: boolean;
  /** Never old, but one of very many: the oldest of these fall out when the queue is full. */
  many?: boolean;
  run(): Promise<number>;
};

export type WriteQueueEvents = {
  onRefused(): void;
  /** The record is gone: writes everything that later writes lean on; the write is then tried again. */
  onRecordGone(): Promise<number>;
  onTrouble(error: unknown, waiting: number): void;
};

const RETRY_MS = 100;
/** A hard stop: half an hour of rows of six renditions, or 30 s of their parts many times over. */
export const MAX_WAITING = 20_000;

/**
 * Writes one after the other, in order, and never makes the caller wait. While Redis is away the queue grows up to 30 s of parts, older
 * ones fall out, and up to `MAX_WAITING` writes in all; after it, everything goes out in order.
 */
export class WriteQueue {
  readonly #events: WriteQueueEvents;
  readonly #nowMs: () => number;
  readonly #waiting: { write: Write; sinceMs: number }[] = [];
  /** Before this nothing that waits is too old. */
  #nextOldMs = Number.POSITIVE_INFINITY;
  #running = false;
  #stopped = false;
  #troubled = false;
  #idle: (() => void)[] = [];
  dropped = 0;

  constructor(events: WriteQueueEvents, nowMs: () => number = () => performance.now()) {
    this.#events = events;
    this.#nowMs = nowMs;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(write: Write): void {
    if (this.#stopped) return;
    if (write.newest) this.#forget(write.name);
    const sinceMs = this.#nowMs();
    this.#waiting.push({ write, sinceMs });
    if (write.keepMs > 0) this.#nextOldMs = Math.min(this.#nextOldMs, sinceMs + write.keepMs);
    this.#dropOld();
    if (!this.#running) void this.#pump();
  }

  /** Resolves true when all is written, false after `limitMs`. */
  async drain(limitMs: number): Promise<boolean> {
    if (!this.#running) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs);
    });
    const empty = new Promise<boolean>((resolve) => this.#idle.push(() => resolve(true)));
    const done = await Promise.race([late, empty]);
    clearTimeout(timer);
    return done;
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  async #pump(): Promise<void> {
    this.#running = true;
    for (let next = this.#waiting[0]; next && !this.#stopped; next = this.#waiting[0]) {
      const done = await this.#try(next.write);
      // While we waited the entry may have fallen out.
      if (done && this.#waiting[0] === next) this.#waiting.shift();
      if (!done) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      this.#dropOld();
    }
    this.#running = false;
    for (const resume of this.#idle.splice(0)) resume();
  }

  async #try(write: Write): Promise<boolean> {
    try {
      let answer = await write.run();
      if (answer === -2) {
        if ((await this.#events.onRecordGone()) === -1) answer = -1;
        else return false;
      }
      if (answer === -1) {
        this.stop();
        this.#events.onRefused();
      }
      this.#troubled = false;
      return true;
    } catch (error) {
      if (!this.#troubled) this.#events.onTrouble(error, this.#waiting.length);
      this.#troubled = true;
      return false;
    }
  }

  /** What runs just now is let run: taken twice, the newer one is written last. */
  #forget(name: string): void {
    const at = this.#waiting.findIndex(({ write }) => write.newest === true && write.name === name);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #dropOld(): void {
    const now = this.#nowMs();
    if (now >= this.#nextOldMs) this.#dropOlderThan(now);
    while (this.#waiting.length > MAX_WAITING) {
      const oldest = this.#waiting.findIndex(({ write }) => write.keepMs > 0 || write.many === true);
      if (oldest < 0) return;
      this.#drop(oldest);
    }
  }

  #dropOlderThan(now: number): void {
    this.#nextOldMs = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.#waiting.length; ) {
      const entry = this.#waiting[index];
      if (!entry) return;
      const { keepMs } = entry.write;
      if (keepMs > 0 && now - entry.sinceMs <= keepMs) {
        // Entries are in order of time.
        this.#nextOldMs = entry.sinceMs + keepMs;
        return;
      }
      if (keepMs > 0) this.#drop(index);
      else index++;
    }
  }

  #drop(index: number): void {
    this.#waiting.splice(index, 1);
    this.dropped++;
  }
}
