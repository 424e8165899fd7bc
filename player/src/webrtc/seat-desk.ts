import { type SeatProblem, seatRetryMs } from '../core/seat.ts';
import { SeatError, type SeatLink, type SeatTicket } from './seat-link.ts';
import type { DeskEvents } from './seating.ts';

/** A seat that held for so long was a good one: what goes wrong after it is a first time. */
const GOOD_AFTER_MS = 30_000;

/** What a desk needs of its surroundings. */
export type SeatWorld = {
  /** @returns null when nobody answered */
  call(method: 'POST' | 'PUT' | 'DELETE', path: string): Promise<{ status: number; body: unknown } | null>;
  /** @throws SeatError */
  connect(ticket: SeatTicket, signal: AbortSignal): Promise<SeatLink>;
  /** Resolves after the time, or at once when it is called off. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  nowMs(): number;
};

/** Keeps asking for a seat and keeps the one it has, until it is closed. Never throws. */
export function openSeatDesk(world: SeatWorld, events: DeskEvents): { close(): void } {
  const closing = new AbortController();
  const { signal } = closing;
  void run();

  async function run(): Promise<void> {
    let [tries, last] = [0, null as SeatProblem | null];
    while (!signal.aborted) {
      events.onState('asking', null);
      const begunMs = world.nowMs();
      const problem = await sit();
      if (signal.aborted) return;
      tries = problem !== last || world.nowMs() - begunMs > GOOD_AFTER_MS ? 0 : tries + 1;
      last = problem;
      events.onState('away', problem);
      const waitMs = seatRetryMs(problem, tries);
      if (waitMs === null) return;
      await world.pause(waitMs, signal);
    }
  }

  /** One seat from its beginning to its end. @returns why it ended */
  async function sit(): Promise<SeatProblem> {
    const answer = await world.call('POST', '');
    const ticket = answer?.status === 201 ? readTicket(answer.body) : null;
    if (!ticket) return refusalOf(answer);
    const path = `/${encodeURIComponent(ticket.seat)}`;
    const leaving = new AbortController();
    signal.addEventListener('abort', () => leaving.abort(), { once: true, signal: leaving.signal });
    const connecting = world.connect(ticket, leaving.signal);
    try {
      // Renewed from the start: the engine may take longer than a lease to have its program there.
      const ended = renew(path, ticket.renewAfterS, leaving.signal);
      const link = await Promise.race([connecting, ended.then((problem) => Promise.reject(new SeatError(problem)))]);
      if (signal.aborted) return 'lost';
      events.onState('on', null);
      events.onSeat(link);
      const why = await Promise.race([link.gone, ended]);
      events.onLost();
      return why;
    } catch (error) {
      return error instanceof SeatError ? error.problem : 'unreachable';
    } finally {
      leaving.abort();
      // One that comes too late is closed as well.
      void connecting.then((late) => late.close()).catch(() => {});
      void world.call('DELETE', path);
    }
  }

  /** Resolves when the seat is no longer ours, or when it is called off. A server that is silent takes nothing back. */
  async function renew(path: string, everyS: number, until: AbortSignal): Promise<SeatProblem> {
    while (!until.aborted) {
      await world.pause(everyS * 1000, until);
      if (until.aborted) break;
      const answer = await world.call('PUT', path);
      if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429) return 'takenBack';
    }
    return 'lost';
  }

  return { close: () => closing.abort() };
}

function refusalOf(answer: { status: number; body: unknown } | null): SeatProblem {
  if (answer === null) return 'unreachable';
  if (codeOf(answer.body) === 'full') return 'full';
  if (answer.status === 429 || answer.status >= 500) return 'unreachable';
  return 'refused';
}

function codeOf(body: unknown): unknown {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}

function readTicket(body: unknown): SeatTicket | null {
  if (typeof body !== 'object' || body === null) return null;
  const { seat, livekitUrl, token, renewAfterS } = body as Record<string, unknown>;
  const isWhole = typeof seat === 'string' && typeof livekitUrl === 'string' && typeof token === 'string';
  return isWhole && typeof renewAfterS === 'number' && renewAfterS > 0
    ? { seat, livekitUrl, token, renewAfterS }
    : null;
}
