import type { Log } from '#core/shared/log';

/**
 * Does `work` again and again, `everyMs` after it began, never twice at a time; a failure is told and the next one comes.
 * @returns stops it and waits for what runs
 */
export function repeat(name: string, everyMs: number, work: () => Promise<void>, log: Log): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const turn = () => {
    const begunMs = Date.now();
    running = work()
      .catch((error) => log.warn({ err: error, loop: name }, 'a pass failed; the next one comes'))
      .then(() => {
        if (!stopped) timer = setTimeout(turn, Math.max(200, everyMs - (Date.now() - begunMs)));
      });
  };
  turn();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
