/** Entry of the seats' own file, with livekit-client in it: loaded when a viewer asks for the lowest delay, and not before. */
import { openLivekitLink } from './livekit-link.ts';
import { openSeatDesk, type SeatWorld } from './seat-desk.ts';
import { Seating, type SeatingContext } from './seating.ts';

/**
 * @param address `…/api/v1/broadcasts/{id}/seats`
 * @param grant the viewer's newest playback grant, or null without one
 */
export function createSeating(
  address: string,
  grant: () => string | null,
  context: Omit<SeatingContext, 'openDesk'>,
): Seating {
  return new Seating({ ...context, openDesk: (events) => openSeatDesk(browser(address, grant), events) });
}

const browser = (address: string, grant: () => string | null): SeatWorld => ({
  async call(method, path) {
    const text = grant();
    try {
      const answer = await fetch(`${address}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: method === 'DELETE' ? undefined : JSON.stringify(text === null ? {} : { grant: text }),
        cache: 'no-store',
        // A seat is given back while the page goes.
        keepalive: method === 'DELETE',
      });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    } catch {
      return null;
    }
  },
  connect: openLivekitLink,
  pause: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    }),
  nowMs: () => performance.now(),
});
