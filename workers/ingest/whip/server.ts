import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { MAX_BODY_BYTES, readAddress, readBody, readStreamKey, WhipRefusal } from './read-request.ts';
import type { WhipSessions } from './sessions.ts';

/** Longer than the edge keeps a connection, so that no request meets one that is being closed. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_WITHIN_MS = 5_000;
const REQUEST_WITHIN_MS = 10_000;
const CORS = {
  // Publishing pages of other origins are welcome: the right is the key, not a cookie.
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Location, ETag, Link, Accept-Patch, Retry-After',
};
const PREFLIGHT = {
  'access-control-allow-methods': 'POST, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
  'access-control-max-age': '86400',
  'accept-post': 'application/sdp',
};

export type WhipServer = { port: number; close(): Promise<void> };

/**
 * HTTP front of WHIP (RFC 9725): `POST /whip`, then `PATCH` and `DELETE /whip/{resource}`.
 * @throws when the port is taken
 */
export async function openWhipServer(options: {
  host: string;
  port: number;
  sessions: WhipSessions;
  log: Logger;
}): Promise<WhipServer> {
  const server = createServer(
    { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      void handle(request, response, options);
    },
  );
  server.maxConnections = 512;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 2_000).unref();
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: { sessions: WhipSessions; log: Logger },
): Promise<void> {
  try {
    await answer(request, response, options.sessions);
  } catch (error) {
    if (error instanceof WhipRefusal) {
      if (error.cause) options.log.warn({ err: error.cause }, 'whip: LiveKit did not answer');
      send(
        response,
        error.status,
        { 'content-type': 'text/plain; charset=utf-8', ...error.headers },
        `${error.sentence}\n`,
      );
      // Whatever is left of a too large body is not read.
      if (error.status === 413) request.destroy();
      return;
    }
    if (!request.destroyed) options.log.error({ err: error }, 'whip: a request failed');
    send(response, 500, { 'content-type': 'text/plain; charset=utf-8' }, 'Something went wrong here.\n');
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, sessions: WhipSessions): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const [, id] = /^\/whip(?:\/([\w-]{1,64}))?\/?$/.exec(pathname) ?? [];
  if (!/^\/whip(\/|$)/.test(pathname)) throw new WhipRefusal(404, 'There is nothing here.');
  const { method } = request;
  if (method === 'OPTIONS') {
    send(response, 204, PREFLIGHT);
    return;
  }
  if (method !== 'POST' && method !== 'PATCH' && method !== 'DELETE') {
    throw new WhipRefusal(405, 'Use POST to publish.', { allow: 'POST, PATCH, DELETE, OPTIONS' });
  }
  if ((method === 'POST') !== (id === undefined)) {
    throw new WhipRefusal(method === 'POST' ? 405 : 404, 'POST goes to /whip, PATCH and DELETE to the session.');
  }
  const streamKey = readStreamKey(request);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    throw new WhipRefusal(413, `The body has more than ${MAX_BODY_BYTES} bytes.`);
  }
  const agent = (request.headers['user-agent'] ?? '').slice(0, 200);
  const caller = { streamKey, address: readAddress(request), agent };
  const body = await readBody(request);
  if (method === 'POST') {
    requireType(request, 'application/sdp');
    if (!body.toString('latin1', 0, 4).startsWith('v=0')) throw new WhipRefusal(400, 'The body is no SDP offer.');
    const opened = await sessions.open(caller, body, request.headers);
    send(response, 201, { ...opened.answer.headers, location: `/whip/${opened.id}` }, opened.answer.body);
  } else if (method === 'PATCH') {
    const patched = await sessions.patch(caller, id ?? '', body, request.headers);
    send(response, patched.status, patched.headers, patched.body);
  } else {
    await sessions.remove(caller, id ?? '');
    send(response, 200, {});
  }
}

function requireType(request: IncomingMessage, type: string): void {
  const given = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (given !== type) throw new WhipRefusal(415, `Send ${type}.`, { 'accept-post': type });
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Buffer | string = '',
): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...CORS, 'cache-control': 'no-store', ...headers });
  response.end(body);
}
