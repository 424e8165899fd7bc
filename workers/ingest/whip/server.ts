import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { MAX_BODY_BYTES, readAddress, readAgent, readBody, readStreamKey, WhipRefusal } from './read-request.ts';
import type { WhipSessions } from './sessions.ts';

/** Longer than the edge keeps a connection, so that no request meets one that is being closed. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_WITHIN_MS = 5_000;
const REQUEST_WITHIN_MS = 10_000;
const MAX_CONNECTIONS = 512;
/** What a parser's error means for the caller; any other is a bad request. */
const BROKEN: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
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
  server.maxConnections = MAX_CONNECTIONS;
  // Nobody is let through to anywhere.
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const reason = 'a tunnel was asked for';
    options.log.info({ address: socket.remoteAddress, agent: readAgent(request), reason }, `whip: refused: ${reason}`);
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = BROKEN[error.code ?? ''] ?? '400 Bad Request';
    const reason = error.code ?? error.message;
    options.log.info({ address: (socket as Socket).remoteAddress, reason }, `whip: refused: no HTTP (${reason})`);
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    else socket.destroy();
  });
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
  const { log } = options;
  // Now: a caller that hangs up takes its address along.
  const facts = { address: readAddress(request), agent: readAgent(request), method: request.method };
  try {
    await answer(request, response, { ...facts, sessions: options.sessions });
  } catch (error) {
    if (error instanceof WhipRefusal) {
      if (error.cause) log.warn({ err: error.cause }, 'whip: LiveKit did not answer');
      const { status, sentence } = error;
      log.info({ ...facts, status, reason: sentence }, `whip: refused: ${sentence}`);
      send(
        response,
        error.status,
        {
          'content-type': 'text/plain; charset=utf-8',
          // What is left of the body is not read.
          ...(request.complete ? {} : { connection: 'close' }),
          ...error.headers,
        },
        `${error.sentence}\n`,
      );
      return;
    }
    if (request.destroyed) {
      log.info({ ...facts, reason: 'the caller hung up' }, 'whip: refused: the caller hung up');
      return;
    }
    log.error({ ...facts, err: error }, 'whip: a request failed');
    send(response, 500, { 'content-type': 'text/plain; charset=utf-8' }, 'Something went wrong here.\n');
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { sessions, address, agent }: { sessions: WhipSessions; address: string; agent: string },
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  const match = /^\/whip(?:\/([\w-]{1,64}))?\/?$/.exec(path);
  if (!match) throw new WhipRefusal(404, 'There is nothing here.');
  const [, id] = match;
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
  const caller = { streamKey, address, agent };
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
