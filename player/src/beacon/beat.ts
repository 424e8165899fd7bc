import type { QualityReport } from './quality.ts';

const BEAT_MS = 20_000;

/**
 * Tells the origin every 20 s that somebody watches; silence of 45 s ends the viewer session.
 * Carries a random session id and nothing about the person.
 * @param takeReport how it was since the last time; asked for as long as the origin wants to know
 * @returns stop; idempotent
 */
export function startBeat(url: string, takeReport: () => QualityReport | null): () => void {
  const session = sessionId();
  /** The origin chooses who reports: all of a small audience, a sample of a large one. */
  let wanted = false;
  const body = (more: { leaving?: true }) =>
    JSON.stringify({ session, ...more, report: (wanted && takeReport()) || undefined });
  const send = async () => {
    try {
      const answer = await fetch(url, { method: 'POST', body: body({}), keepalive: true, credentials: 'omit' });
      const told: unknown = await answer.json();
      wanted = typeof told === 'object' && told !== null && 'report' in told && told.report === true;
    } catch {
      // The next beat is the retry: a lost one only shortens the lease.
    }
  };
  void send();
  const timer = setInterval(() => void send(), BEAT_MS);
  const onHide = () => navigator.sendBeacon?.(url, body({ leaving: true }));
  addEventListener('pagehide', onHide);
  return () => {
    clearInterval(timer);
    removeEventListener('pagehide', onHide);
  };
}

/** `crypto.randomUUID` is missing on plain-http pages of other machines. */
function sessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
