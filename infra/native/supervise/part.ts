/** One process of an install, as the supervisor is told about it. */
export type PartSpec = {
  name: string;
  /** `once` runs to its end with code 0 and is then done; `service` is kept running. */
  kind: 'service' | 'once';
  /** Parts that must be ready (or done) before this one is started the first time. */
  after: string[];
  /** Called before each start: prepares files, then says what to run. Secrets go into `env` or files, never into `args`. */
  launch(): Promise<Launch> | Launch;
  /** Asked every 150 ms until true; a service that is not ready after `readyWithinMs` is ended and counted as crashed. */
  isReady?(): Promise<boolean>;
  readyWithinMs?: number;
  /** Asked every 5 s of a ready service: false for a minute and it is restarted. */
  isAlive?(): Promise<boolean>;
  /** Sent one after the other, 300 ms apart; then SIGKILL to its group after `stopWithinMs`. */
  stopSignals?: NodeJS.Signals[];
  stopWithinMs?: number;
};

export type Launch = {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd?: string;
};

/** How long and how often, in milliseconds; tests take shorter ones. */
export type Pace = {
  firstBackOffMs: number;
  longestBackOffMs: number;
  /** More crashes than `loopCrashes` within `loopWindowMs` is a crash loop, tried again every `loopRetryMs`. */
  loopCrashes: number;
  loopWindowMs: number;
  loopRetryMs: number;
  pollMs: number;
  /** Children of a crashed process get this long to end themselves. */
  orphanMs: number;
  /** A ready service that does not answer this long is restarted. */
  silentMs: number;
  aliveEveryMs: number;
};

export const PACE: Pace = {
  firstBackOffMs: 1000,
  longestBackOffMs: 30_000,
  loopCrashes: 5,
  loopWindowMs: 60_000,
  loopRetryMs: 30_000,
  pollMs: 150,
  orphanMs: 6000,
  silentMs: 60_000,
  aliveEveryMs: 5000,
};

export type PartState =
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'done'
  | 'restarting'
  | 'crash-looping'
  | 'stopping'
  | 'stopped';

/** What others may know of a part: the rows of state.json and of the table. */
export type PartStatus = {
  state: PartState;
  pid: number | null;
  startTime: string | null;
  /** Times it was started again since the install was started. */
  restarts: number;
  /** Milliseconds from its last start until it was ready. */
  readyAfterMs: number | null;
  /** In words: "ended with code 1", "ended by SIGKILL". */
  lastEnd: string | null;
  log: string;
};
