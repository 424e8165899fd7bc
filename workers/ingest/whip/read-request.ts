import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** An offer has a few kilobytes; simulcast with many candidates stays under this. */
export const MAX_BODY_BYTES = 256 * 1024;

/** What the caller gets instead of a session. `sentence` goes into the answer's body. */
export class WhipRefusal extends Error {
  override name = 'WhipRefusal';
  constructor(
    readonly status: number,
    readonly sentence: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(sentence);
  }
}

/** @throws WhipRefusal 413, 408 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    const bytes = piece as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new WhipRefusal(413, `The body has more than ${MAX_BODY_BYTES} bytes.`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** @throws WhipRefusal 401 without a bearer key */
export function readStreamKey(request: IncomingMessage): string {
  const [, key] = /^Bearer +(\S{1,512})$/i.exec(request.headers.authorization ?? '') ?? [];
  if (key) return key;
  throw new WhipRefusal(401, 'Send the stream key as bearer token.', { 'www-authenticate': 'Bearer' });
}

/**
 * Address for the limiter of wrong keys. The edge runs on this machine or in our network and appends the caller's address, so the
 * last entry is believed, and only when the connection itself comes from there.
 */
export function readAddress(request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? 'unknown';
  const forwarded = request.headers['x-forwarded-for'];
  const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim();
  return isNear(peer) && last && isIP(last) ? last : peer;
}

/** What the caller calls itself, cut to what a log line holds. */
export function readAgent(request: IncomingMessage): string {
  return (request.headers['user-agent'] ?? '').slice(0, 200);
}

function isNear(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(plain) || plain === '::1' || /^f[cd]/i.test(plain);
}
