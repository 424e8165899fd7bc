/** Monotonic time and a timer, handed in for tests. */
export type TickTime = {
  nowMs(): number;
  /** Calls once after `ms`; gives its undo. */
  after(ms: number, run: () => void): () => void;
};

export const systemTime: TickTime = {
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Calls `run` once a tick, at start + n × period. Ticks never queue up: while one runs, those that become due are skipped and
 * counted, and the next call is for the newest. So a slow machine shows fewer pictures and falls no further behind.
 */
export class TickClock {
  readonly #time: TickTime;
  readonly #startMs: number;
  readonly #periodMs: number;
  readonly #run: (tick: number) => void | Promise<void>;
  #cancel: (() => void) | null = null;
  #next = 0;
  #stopped = false;
  #idle: Promise<void> = Promise.resolve();
  /** Ticks run, and ticks skipped or begun more than a period late. */
  ticks = 0;
  lateTicks = 0;

  constructor(input: {
    time: TickTime;
    startMs: number;
    periodMs: number;
    run: (tick: number) => void | Promise<void>;
  }) {
    this.#time = input.time;
    this.#startMs = input.startMs;
    this.#periodMs = input.periodMs;
    this.#run = input.run;
  }

  start(): void {
    this.#schedule();
  }

  /** No tick begins after this; resolves when the running one is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#idle;
  }

  #schedule(): void {
    if (this.#stopped) return;
    const dueMs = this.#startMs + this.#next * this.#periodMs;
    this.#cancel = this.#time.after(Math.max(0, dueMs - this.#time.nowMs()), () => this.#fire());
  }

  #fire(): void {
    if (this.#stopped) return;
    const due = Math.floor((this.#time.nowMs() - this.#startMs) / this.#periodMs + 0.05);
    if (due < this.#next) {
      this.#schedule(); // the timer was early
      return;
    }
    this.lateTicks += due - this.#next;
    this.#next = due + 1;
    this.ticks++;
    this.#idle = Promise.resolve(this.#run(due)).then(() => this.#schedule());
  }
}
