import type { Lock, Unlocked } from '#core/broadcast/let-in';
import { call, isApiError } from '../api.ts';
import { keep, readKept } from './kept.ts';

/** Refusals of the API that have words of their own at the gate. */
const SAID = ['wrong-password', 'ticket-unknown', 'ticket-taken', 'ticket-revoked', 'pass-ended', 'sent-away'] as const;

export type GateProblem =
  | { kind: (typeof SAID)[number] | 'gone' }
  | { kind: 'locked-out'; untilMs: number }
  /** Nothing to do with who asks: it may be tried again as it is. */
  | { kind: 'trouble'; error: unknown };

const BROWSER_KEY = 'openair-browser';
const passKey = (id: string) => `openair-pass:${id}`;
const LOCKED_OUT_MS = 60_000;

/** What a refusal means to whoever stands before the gate. */
export function problemOf(error: unknown, nowMs: number): GateProblem {
  if (!isApiError(error)) return { kind: 'trouble', error };
  const said = SAID.find((code) => code === error.code);
  if (said) return { kind: said };
  if (error.code === 'not-found') return { kind: 'gone' };
  if (error.code === 'rate-limited')
    return { kind: 'locked-out', untilMs: nowMs + (error.retryAfterMs ?? LOCKED_OUT_MS) };
  return { kind: 'trouble', error };
}

/** Takes the ticket out of the page's address, so that it is neither copied on with it nor kept in the history. */
export function takeTicket(page: Pick<Window, 'location' | 'history'>): string | null {
  const ticket = /^#ticket=([A-Za-z0-9._-]{1,200})$/.exec(page.location.hash)?.[1] ?? null;
  if (ticket) page.history.replaceState(page.history.state, '', page.location.pathname + page.location.search);
  return ticket;
}

/** Asks once, and keeps the pass for the next visit. @throws ApiError */
export async function unlock(
  id: string,
  body: { password: string } | { ticket: string } | { pass: string },
): Promise<Unlocked> {
  const whole = 'ticket' in body ? { ...body, browser: browserId() } : body;
  const unlocked = await call<Unlocked>('POST', `/broadcasts/${encodeURIComponent(id)}/unlock`, whole);
  keep(passKey(id), unlocked.pass);
  return unlocked;
}

/**
 * In by what this browser already has: its pass, else the ticket in its address. A ticket is not used up by who is in without it.
 * @returns null when it has neither, or only a pass that ended quietly while nobody watched
 * @throws ApiError
 */
export async function enterAgain(id: string, lock: Lock, ticket: string | null): Promise<Unlocked | null> {
  const pass = readKept(passKey(id));
  if (pass !== null) {
    try {
      return await unlock(id, { pass });
    } catch (error) {
      const ended = isApiError(error) && (error.code === 'pass-ended' || error.code === 'ticket-revoked');
      if (!ended) throw error;
      keep(passKey(id), null);
      if (ticket === null || lock !== 'ticket') throw error;
    }
  }
  return ticket !== null && lock === 'ticket' ? unlock(id, { ticket }) : null;
}

let browser: string | null = null;

/** Made once: by it a ticket knows its browser again, also when the answer to the first try was lost. */
function browserId(): string {
  browser ??= readKept(BROWSER_KEY);
  if (browser === null) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    browser = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    keep(BROWSER_KEY, browser);
  }
  return browser;
}
