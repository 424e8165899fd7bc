/** One write; `run` gives the script's answer or throws when Redis cannot be reached. */
export type Write = {
  name: string;
  /** Dropped when it has waited longer than this, ms; 0 = never. */
  keepMs: number;
  run(): Promise<number>;
};

export type WriteQueueEvents = {
  onRefused(): void;
  /** The record is gone: writes everything that later writes lean on; the write is then tried again. */
  onRecordGone(): Promise<number>;
  onTrouble(error: unknown, waiting: number): void;
};

const RETRY_MS = 100;
/** A hard stop, far above 30 s of parts of six renditions. */
const MAX_WAITING = 5000;

/**
 * Writes one after the other, in order, and never makes the caller wait. While Redis is away the queue grows up to 30 s of parts, older
 * ones fall out; after it, everything goes out in order.
 */
export class WriteQueue {
  readonly #events: WriteQueueEvents;
  readonly #nowMs: () => number;
  readonly #waiting: { write: Write; sinceMs: number }[] = [];
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
    this.#waiting.push({ write, sinceMs: this.#nowMs() });
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

  #dropOld(): void {
    const now = this.#nowMs();
    for (let index = 0; index < this.#waiting.length; ) {
      const entry = this.#waiting[index];
      if (!entry) return;
      const old = entry.write.keepMs > 0 && now - entry.sinceMs > entry.write.keepMs;
      if (old || (this.#waiting.length > MAX_WAITING && entry.write.keepMs > 0)) {
        this.#waiting.splice(index, 1);
        this.dropped++;
      } else if (entry.write.keepMs > 0)
        return; // entries are in order of time
      else index++;
    }
  }
}
