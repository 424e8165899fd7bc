const BEAT_MS = 20_000;

/**
 * Tells the origin every 20 s that somebody watches; silence of 45 s ends the viewer session.
 * Carries a random session id and nothing about the person.
 * @returns stop; idempotent
 */
export function startBeat(url: string): () => void {
  const session = sessionId();
  const send = () => {
    fetch(url, { method: 'POST', body: JSON.stringify({ session }), keepalive: true, credentials: 'omit' }).catch(
      () => {
        // The next beat is the retry: a lost one only shortens the lease.
      },
    );
  };
  send();
  const timer = setInterval(send, BEAT_MS);
  const onHide = () => navigator.sendBeacon?.(url, JSON.stringify({ session, leaving: true }));
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
