import type { FromPipeline, PipelineFacts, PushReport } from '../../plan.ts';

type Beat = Extract<FromPipeline, { t: 'beat' }>;

/** What a running egress said of itself last; counters go on over restarts of its process. */
export type TelemetrySnapshot = {
  composedFps: number;
  ticks: number;
  lateTicks: number;
  rssMb: number;
  /** When the last heartbeat came, ms since 1970; null before the first. */
  heardAtMs: number | null;
  facts: PipelineFacts | null;
  pushes: PushReport[];
};

/** Pictures asked for and not yet answered wait this long. */
const PICTURE_LIMIT_MS = 2_000;
/** One picture serves everybody who asks within this time. */
const PICTURE_FRESH_MS = 900;

/** Collects the pipeline's messages of one egress for the operator's eyes: metrics and the inspect page. */
export class EgressTelemetry {
  readonly #now: () => number;
  #beat: Beat | null = null;
  #heardAtMs: number | null = null;
  #earlier = { ticks: 0, lateTicks: 0 };
  #facts: PipelineFacts | null = null;
  readonly #pushes = new Map<string, PushReport>();
  #picture: { jpeg: Uint8Array | null; atMs: number } | null = null;
  #waiting: ((jpeg: Uint8Array | null) => void)[] = [];
  #limit: NodeJS.Timeout | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  hear(message: FromPipeline): void {
    if (message.t === 'beat') {
      this.#beat = message;
      this.#heardAtMs = this.#now();
    } else if (message.t === 'facts') this.#facts = message.facts;
    else if (message.t === 'push') this.#pushes.set(message.report.id, message.report);
    else if (message.t === 'picture') this.#answer(message.jpeg);
  }

  /** The process is gone; a new one counts from zero. */
  processGone(): void {
    this.#earlier.ticks += this.#beat?.ticks ?? 0;
    this.#earlier.lateTicks += this.#beat?.lateTicks ?? 0;
    this.#beat = null;
    this.#facts = null;
    this.#answer(null);
  }

  snapshot(): TelemetrySnapshot {
    return {
      composedFps: this.#beat?.composedFps ?? 0,
      ticks: this.#earlier.ticks + (this.#beat?.ticks ?? 0),
      lateTicks: this.#earlier.lateTicks + (this.#beat?.lateTicks ?? 0),
      rssMb: this.#beat?.rssMb ?? 0,
      heardAtMs: this.#heardAtMs,
      facts: this.#facts,
      pushes: [...this.#pushes.values()],
    };
  }

  /**
   * The program as a small JPEG, at most a second old; null when the pipeline gives none in time (sound only, starting, ending).
   * @param ask tells the pipeline that one is wanted; called once for all who wait
   */
  picture(ask: () => void): Promise<Uint8Array | null> {
    const known = this.#picture;
    if (known && this.#now() - known.atMs < PICTURE_FRESH_MS) return Promise.resolve(known.jpeg);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length > 1) return;
      this.#limit = setTimeout(() => this.#answer(null), PICTURE_LIMIT_MS).unref();
      ask();
    });
  }

  #answer(jpeg: Uint8Array | null): void {
    clearTimeout(this.#limit);
    if (jpeg) this.#picture = { jpeg, atMs: this.#now() };
    for (const resolve of this.#waiting.splice(0)) resolve(jpeg);
  }
}
