/**
 * Sends the newest value until it is taken: one send at a time, back-off between failures, values that came meanwhile replace what
 * waits. For reports of a state, where only the last one counts.
 */
export type NewestSender<T> = {
  /** Never throws, never waits. */
  offer(value: T): void;
  /** Resolves when nothing waits and nothing is being sent. */
  settled(): Promise<void>;
  /** Forgets what waits. */
  close(): void;
};

export type NewestSenderOptions<T> = {
  /** Throws when it was not taken. */
  send(value: T): Promise<void>;
  /** True when sending again cannot help; the value is dropped. */
  isFinal?(error: unknown): boolean;
  /** Called at each failure; `attempt` counts from 1 for each value that waits. */
  onFailure?(error: unknown, attempt: number, willRetry: boolean): void;
  firstBackOffMs?: number;
  maxBackOffMs?: number;
};

export function createNewestSender<T>(options: NewestSenderOptions<T>): NewestSender<T> {
  const { firstBackOffMs = 500, maxBackOffMs = 10_000 } = options;
  let waiting: { value: T } | null = null;
  let running = false;
  let closed = false;
  let wake: (() => void) | null = null;
  let idleWaiters: (() => void)[] = [];

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        wake = null;
        resolve();
      }
      wake = done;
    });

  async function run(): Promise<void> {
    let attempt = 0;
    while (waiting && !closed) {
      const current = waiting;
      try {
        await options.send(current.value);
        attempt = 0;
        if (waiting === current) waiting = null;
      } catch (error) {
        attempt += 1;
        const final = options.isFinal?.(error) ?? false;
        options.onFailure?.(error, attempt, !final);
        if (final) {
          attempt = 0;
          if (waiting === current) waiting = null;
        } else if (!closed) await pause(Math.min(firstBackOffMs * 2 ** (attempt - 1), maxBackOffMs));
      }
    }
  }

  return {
    offer(value) {
      if (closed) return;
      waiting = { value };
      if (running) return;
      running = true;
      run().finally(() => {
        running = false;
        for (const resolve of idleWaiters) resolve();
        idleWaiters = [];
      });
    },
    settled() {
      return running ? new Promise((resolve) => idleWaiters.push(resolve)) : Promise.resolve();
    },
    close() {
      closed = true;
      waiting = null;
      wake?.();
    },
  };
}
