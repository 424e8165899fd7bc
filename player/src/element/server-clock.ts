/**
 * The origin's clock, asked for once and when it is first wanted: the viewer's own may be wrong by a day.
 * @param address its `…/time` (ISO 8601 as text)
 * @returns ms since 1970, or null while it has not answered or has no clock
 */
export function createServerClock(address: string, signal: AbortSignal): () => number | null {
  let offsetMs: number | null = null;
  let asked = false;
  return () => {
    if (!asked) {
      asked = true;
      const sentAt = Date.now();
      fetch(address, { cache: 'no-store', credentials: 'omit', signal })
        .then((answer) => (answer.ok ? answer.text() : ''))
        .then((text) => {
          // Half of the way there and back has passed since the server looked at its clock.
          const atMs = Date.parse(text) - (sentAt + Date.now()) / 2;
          if (!Number.isNaN(atMs)) offsetMs = atMs;
        })
        .catch(() => {
          // An origin that is away: the caller goes by the viewer's clock, or says that it does not know.
        });
    }
    return offsetMs === null ? null : Date.now() + offsetMs;
  };
}
