import type { IncomingMessage } from 'node:http';

/**
 * Host of the page that asks, as its browser tells: by Origin, or by Referer where a media element asks by itself. Lower case, without a
 * port; null when neither says.
 */
export function askingHost({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  for (const text of [headers.origin, headers.referer]) {
    if (text === undefined || text === 'null') continue;
    const host = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?(?:\/|$)/i.exec(text)?.[1];
    if (host) return host.toLowerCase();
  }
  return null;
}
