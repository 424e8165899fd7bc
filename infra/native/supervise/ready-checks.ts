import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Whether somebody listens on this port of loopback. */
export function tcpAnswers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1000 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

/** Whether an HTTP server answers, and with a status that `accepts` (any below 500 unless said otherwise). */
export async function httpAnswers(url: string, accepts = (status: number) => status < 500): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
    await response.arrayBuffer();
    return accepts(response.status);
  } catch {
    return false;
  }
}

/** @returns whether `check` became true in time; false at once when `stop` is aborted */
export async function pollUntil(
  check: () => Promise<boolean>,
  everyMs: number,
  withinMs: number,
  stop?: AbortSignal,
): Promise<boolean> {
  const untilMs = Date.now() + withinMs;
  while (!stop?.aborted) {
    if (await check().catch(() => false)) return true;
    if (Date.now() >= untilMs) return false;
    await wait(everyMs, undefined, stop ? { signal: stop } : undefined).catch(() => undefined);
  }
  return false;
}
