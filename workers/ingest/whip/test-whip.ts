import { createServer, type IncomingMessage, type Server } from 'node:http';
import pino from 'pino';
import type { IngestReport, IngressCommandHandlers } from '../service/ports.ts';
import { sampleTarget } from '../service/testing/sample-target.ts';
import { Occupancy } from '../supervise/occupancy.ts';
import type { Presence } from '../supervise/room-service.ts';
import { openWhipServer } from './server.ts';
import { WhipSessions } from './sessions.ts';

const TARGET = sampleTarget();
export const OFFER = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n';

/** What a test has opened, to be closed behind it, the last one first. */
export const closing: (() => Promise<unknown>)[] = [];

/** A real HTTP server that plays livekit-server's WHIP endpoint. */
async function startLiveKit(status = 201) {
  const seen: { method: string; url: string; authorization: string; body: string; ifMatch: string }[] = [];
  const server: Server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const { authorization = '' } = request.headers;
    const { method = '', url = '' } = request;
    seen.push({ method, url, authorization, body, ifMatch: request.headers['if-match'] ?? '' });
    if (method === 'POST') {
      const headers = { location: '/whip/v1/PA_secret', etag: 'tag-1', link: '<stun:x>; rel="ice-server"' };
      response.writeHead(status, status === 201 ? { ...headers, 'content-type': 'application/sdp' } : {});
      response.end(status === 201 ? 'v=0 answer' : 'room ch_1: token eyJsecret refused');
    } else response.writeHead(method === 'PATCH' ? 204 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const bound = server.address();
  return { seen, url: `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}/whip/v1` };
}

/** The WHIP front with a LiveKit of the test's; keys that begin with "good" are right. */
export async function startWhip(livekitStatus = 201) {
  const livekit = await startLiveKit(livekitStatus);
  const reports: IngestReport[] = [];
  const lines: string[] = [];
  let presence: Presence | null = null;
  let handlers: IngressCommandHandlers | null = null;
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const sessions = new WhipSessions({
    keys: {
      resolve: async ({ streamKey }) =>
        streamKey.startsWith('good') ? TARGET : streamKey === 'later' ? 'unavailable' : 'unknown',
      close: () => undefined,
    },
    reports: {
      report: (_target, report) => reports.push(report),
      health: () => undefined,
      told: async () => undefined,
      flush: async () => undefined,
      close: () => undefined,
    },
    commands: {
      serve: async (_id, given) => {
        handlers = given;
        return async () => undefined;
      },
      close: async () => undefined,
    },
    rooms: {
      serverUrl: 'ws://127.0.0.1:9',
      whipUrl: livekit.url,
      makeJoinToken: async () => 'join-token-canary',
      getPresence: async () => presence,
      getRoomId: async () => null,
    },
    occupancy: new Occupancy(),
    log,
    lookEveryMs: 10,
  });
  const server = await openWhipServer({
    host: '127.0.0.1',
    port: 0,
    sessions,
    log,
  });
  closing.push(() => server.close());
  closing.push(() => sessions.close());
  const ask = (method: string, path: string, key: string | null, body?: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      body,
      headers: { 'content-type': 'application/sdp', ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
    });
  return {
    port: server.port,
    sessions,
    livekit,
    reports,
    lines,
    ask,
    appear: (next: Presence | null) => {
      presence = next;
    },
    handlers: () => handlers,
  };
}
