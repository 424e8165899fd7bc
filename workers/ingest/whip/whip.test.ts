import { createServer, type IncomingMessage, type Server } from 'node:http';
import pino from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { IngestReport, IngestTarget, IngressCommandHandlers } from '../service/ports.ts';
import { WRONG_KEY } from '../supervise/live-ingests.ts';
import { Occupancy } from '../supervise/occupancy.ts';
import type { Presence } from '../supervise/room-service.ts';
import { openWhipServer } from './server.ts';
import { WhipSessions } from './sessions.ts';

const TARGET: IngestTarget = {
  ingressId: 'IN_1',
  roomName: 'ch_1',
  identity: 'enc_primary',
  name: 'Encoder',
  channelId: 'ch_1',
  source: 'channel',
  metadata: '',
  wishes: { video: null, audio: null },
  secondEncoder: 'take-over',
};
const OFFER = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

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

async function startWhip(livekitStatus = 201) {
  const livekit = await startLiveKit(livekitStatus);
  const reports: IngestReport[] = [];
  const lines: string[] = [];
  let presence: Presence | null = null;
  let handlers: IngressCommandHandlers | null = null;
  const sessions = new WhipSessions({
    keys: {
      resolve: async ({ streamKey }) =>
        streamKey.startsWith('good') ? TARGET : streamKey === 'later' ? 'unavailable' : 'unknown',
      close: () => undefined,
    },
    reports: {
      report: (_target, report) => reports.push(report),
      health: () => undefined,
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
      whipUrl: livekit.url,
      makeJoinToken: async () => 'join-token-canary',
      getPresence: async () => presence,
      getRoomId: async () => null,
    },
    occupancy: new Occupancy(),
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    lookEveryMs: 10,
  });
  const server = await openWhipServer({
    host: '127.0.0.1',
    port: 0,
    sessions,
    log: pino({ level: 'silent' }),
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

test('a right key gets an answer, our own resource id and never the join token', async () => {
  const run = await startWhip();
  const answer = await run.ask('POST', '/whip', 'good', OFFER);
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe('v=0 answer');
  expect(answer.headers.get('etag')).toBe('tag-1');
  expect(answer.headers.get('link')).toContain('stun:x');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(/^\/whip\/[\w-]{32}$/);
  expect(JSON.stringify([...answer.headers])).not.toMatch(/PA_secret|join-token/);
  expect(run.livekit.seen[0]).toMatchObject({ method: 'POST', authorization: 'Bearer join-token-canary', body: OFFER });
});

test('a wrong key, no key and an unreachable look-up are told apart, and nothing reaches LiveKit', async () => {
  const run = await startWhip();
  const wrong = await run.ask('POST', '/whip', 'bad', OFFER);
  expect(wrong.status).toBe(401);
  expect(await wrong.text()).toContain(WRONG_KEY);
  expect((await run.ask('POST', '/whip', null, OFFER)).status).toBe(401);
  const later = await run.ask('POST', '/whip', 'later', OFFER);
  expect([later.status, later.headers.get('retry-after')]).toEqual([503, '3']);
  expect(run.livekit.seen).toHaveLength(0);
  expect(run.lines.join('')).not.toContain('bad"');
});

test('trickle and delete are forwarded for the owner alone', async () => {
  const run = await startWhip();
  const location = (await run.ask('POST', '/whip', 'good', OFFER)).headers.get('location') ?? '';
  expect((await run.ask('PATCH', location, 'good-but-other', 'a=x')).status).toBe(404);
  expect((await run.ask('DELETE', location, 'bad')).status).toBe(404);
  expect((await run.ask('DELETE', '/whip/unknown', 'good')).status).toBe(404);
  expect(run.livekit.seen).toHaveLength(1);
  const patched = await run.ask('PATCH', location, 'good', 'a=x', { 'if-match': '"tag-1"' });
  expect(patched.status).toBe(204);
  expect(run.livekit.seen[1]).toMatchObject({
    method: 'PATCH',
    url: '/whip/v1/PA_secret',
    body: 'a=x',
    ifMatch: '"tag-1"',
  });
  expect((await run.ask('DELETE', location, 'good')).status).toBe(200);
  await vi.waitFor(() =>
    expect(run.livekit.seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/whip/v1/PA_secret' }),
  );
  expect((await run.ask('DELETE', location, 'good')).status).toBe(404);
});

test('its state follows the participant: connecting, publishing, idle when it left', async () => {
  const run = await startWhip();
  await run.ask('POST', '/whip', 'good', OFFER);
  expect(run.reports.map((one) => one.state)).toEqual(['connecting']);
  run.appear({ sid: 'PA_1', tracks: [{ kind: 'video', mimeType: 'video/H264', width: 640, height: 360 }] });
  await vi.waitFor(() => expect(run.reports.at(-1)).toMatchObject({ state: 'publishing' }));
  expect(run.reports.at(-1)?.sentence).toContain('640x360');
  run.appear(null);
  await vi.waitFor(() => expect(run.reports.at(-1)).toMatchObject({ state: 'idle' }));
});

test('a deleted ingress ends the session at LiveKit', async () => {
  const run = await startWhip();
  await run.ask('POST', '/whip', 'good', OFFER);
  await run.handlers()?.end('deleted');
  await vi.waitFor(() => expect(run.livekit.seen.at(-1)).toMatchObject({ method: 'DELETE' }));
});

test('a second encoder takes over once, and the third within ten seconds is refused', async () => {
  const run = await startWhip();
  expect((await run.ask('POST', '/whip', 'good', OFFER)).status).toBe(201);
  expect((await run.ask('POST', '/whip', 'good', OFFER)).status).toBe(201);
  expect((await run.ask('POST', '/whip', 'good', OFFER)).status).toBe(409);
});

test('a refusal of LiveKit is told in our words, without its body', async () => {
  const run = await startWhip(401);
  const answer = await run.ask('POST', '/whip', 'good', OFFER);
  expect(answer.status).toBe(502);
  expect(await answer.text()).not.toMatch(/eyJ|ch_1/);
  expect(run.reports.at(-1)).toMatchObject({ state: 'failed' });
});

test('bad requests are refused: no SDP, another type, too large, wrong method', async () => {
  const run = await startWhip();
  expect((await run.ask('POST', '/whip', 'good', 'hello')).status).toBe(400);
  expect((await run.ask('POST', '/whip', 'good', OFFER, { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await run.ask('POST', '/whip', 'good', 'v'.repeat(300_000)).catch(() => ({ status: 413 }))).status).toBe(413);
  expect((await run.ask('GET', '/whip', 'good')).status).toBe(405);
  expect((await run.ask('POST', '/whipped', 'good', OFFER)).status).toBe(404);
  const preflight = await run.ask('OPTIONS', '/whip', null);
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
});
