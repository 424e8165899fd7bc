import type { IncomingMessage, ServerResponse } from 'node:http';
import { byteRange } from '#core/shared/byte-range';
import type { RenderedText } from './playable.ts';

/**
 * Answers. Bodies are shared buffers: a slow client holds a reference in its socket's queue and no copy (R-59).
 */

/** Open to any page: players are guests everywhere, and no cookie is ever read here. */
export const OPEN = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'content-length, content-range, date, etag, age',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const OPEN_LIST = Object.entries(OPEN).flat();

export type Sharing = { isPrivate: boolean; grantLeftS: number | null };

/** Cache-Control: a shared cache never holds what needs a grant (S-20), and no browser holds it beyond the grant's life. */
export function cacheControl(maxAgeS: number, sharing: Sharing): string {
  const ageS = sharing.isPrivate ? Math.max(0, Math.min(maxAgeS, sharing.grantLeftS ?? 0)) : maxAgeS;
  return `${sharing.isPrivate ? 'private' : 'public'}, max-age=${Math.floor(ageS)}`;
}

/** Media that never changes: browsers keep it, shared caches ask after `sharedS` whether it is still for everyone. */
export function immutable(maxAgeS: number, sharedS: number, sharing: Sharing): string {
  return `${cacheControl(maxAgeS, sharing)}${sharing.isPrivate ? '' : `, s-maxage=${sharedS}`}, immutable`;
}

/** A list that browsers ask for anew each time, by its tag, and shared caches hold for a moment: what changed is seen at once. */
export function revalidated(sharedS: number, { isPrivate }: Sharing): string {
  return isPrivate ? 'private, no-cache' : `public, max-age=0, s-maxage=${sharedS}`;
}

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  body?: Uint8Array,
): void {
  if (response.destroyed || response.headersSent) return;
  // A flat list is what Node writes with the least ado.
  const list = OPEN_LIST.slice();
  for (const name of Object.keys(headers)) list.push(name, String(headers[name]));
  if (status !== 204 && status !== 304) list.push('content-length', String(body?.byteLength ?? 0));
  response.writeHead(status, list);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** An error in the words of the API: `{ error: { code, message } }`, kept by no cache. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  retryAfterS?: number,
): void {
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(retryAfterS === undefined ? {} : { 'retry-after': retryAfterS }),
  };
  send(request, response, status, headers, Buffer.from(JSON.stringify({ error: { code, message } })));
}

export function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown, cache: string): void {
  const headers = { 'content-type': 'application/json', 'cache-control': cache };
  send(request, response, 200, headers, Buffer.from(JSON.stringify(value)));
}

/** What a preflight asks; the answer holds for a day. */
export function sendOptions(request: IncomingMessage, response: ServerResponse): void {
  send(request, response, 204, {
    'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
    'access-control-allow-headers': 'range, content-type',
    'access-control-max-age': 86_400,
    'cache-control': 'public, max-age=86400',
  });
}

const GZIP = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/;

function takesGzip(accepted: string | string[] | undefined): boolean {
  return accepted !== undefined && GZIP.test(String(accepted));
}

export function sameTag(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false;
  return given
    .split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));
}

/** Sends a shared playlist, compressed where the client can take it. */
export async function sendPlaylist(
  request: IncomingMessage,
  response: ServerResponse,
  text: RenderedText,
  cache: string,
  type = 'application/vnd.apple.mpegurl',
): Promise<void> {
  const headers = {
    'content-type': type,
    'cache-control': cache,
    etag: text.etag,
    vary: 'accept-encoding',
  };
  if (sameTag(request.headers['if-none-match'], text.etag)) return send(request, response, 304, headers);
  if (!takesGzip(request.headers['accept-encoding'])) return send(request, response, 200, headers, text.raw);
  send(request, response, 200, { ...headers, 'content-encoding': 'gzip' }, text.zipped ?? (await text.gzip()));
}

/** Sends media that never changes, or the byte range of it that was asked for. */
export function sendMedia(
  request: IncomingMessage,
  response: ServerResponse,
  media: { bytes: Uint8Array; etag: string; type: string },
  cache: string,
): void {
  const { bytes, etag, type } = media;
  const size = bytes.byteLength;
  const headers = { 'content-type': type, 'cache-control': cache, etag, 'accept-ranges': 'bytes' };
  const ifRange = request.headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = byteRange(wanted, size);
  if (sameTag(request.headers['if-none-match'], etag)) {
    send(request, response, 304, headers);
  } else if (range === null) {
    send(request, response, 200, headers, bytes);
  } else if (range === 'unsatisfiable') {
    const away = { ...headers, 'cache-control': 'no-store', 'content-range': `bytes */${size}` };
    send(request, response, 416, away);
  } else {
    const { start, end } = range;
    const piece = { ...headers, 'content-range': `bytes ${start}-${end}/${size}` };
    send(request, response, 206, piece, bytes.subarray(start, end + 1));
  }
}
