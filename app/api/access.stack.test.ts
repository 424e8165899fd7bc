import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { io } from 'socket.io-client';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createFeedWriter } from '#adapters/redis/fixtures/feed-writer';
import { testRecord } from '#core/playback/feed-reader.contract';

/** Broadcasts that ask for a password or a ticket, from the API to origin, chat and pages of a running install. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const read = (file: string) => JSON.parse(readFileSync(path.join(home, file), 'utf8'));
const { url, apiKey } = read('credentials.json');
const redis = new Redis(read('env.json').REDIS_URL ?? '');
const handle = `a-${Math.random().toString(36).slice(2, 10)}`;
const TITLE = 'A title that must not leak';
const browser = () => `browser-${Math.random().toString(36).slice(2)}-of-a-test`;

async function api(method: string, call: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/api/v1${call}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}
const own = (method: string, call: string, body?: unknown) =>
  api(method, call, body, { authorization: `Bearer ${apiKey}` });
/** A stranger's try. Wrong ones are counted for each show: no test locks another one out. */
const unlock = (id: string, body: unknown) => api('POST', `/broadcasts/${id}/unlock`, body);
const status = async (hls: string) => (await fetch(hls)).status;
type Made = { id: string; playbackId: string; watchUrl: string; playback: { hls: string } };

async function make(input: object): Promise<Made> {
  const { body } = await own('POST', `/channels/${handle}/broadcasts`, { title: TITLE, ...input });
  const writer = createFeedWriter(redis, body.playbackId);
  await writer.record(testRecord({ shows: 'source' }));
  for (const id of ['720p', 'audio']) {
    const facts = { e: 1, m: 0, d: 90_000, w: Date.now(), x: false };
    const part = { t: 'part' as const, ...facts, p: 0, i: true, b: Buffer.from(id) };
    await writer.append(id, [part, { t: 'segment', ...facts, parts: 1, k: null }], [{ ...facts, s: 4 }]);
  }
  await writer.expire(['720p', 'audio']);
  return body;
}

/** What somebody is told who joins the chat of a show. */
async function join(request: Record<string, unknown>) {
  const socket = io(url, { path: '/socket.io/', transports: ['websocket'], forceNew: true, auth: { v: 1 } });
  const answer = await socket.timeout(5000).emitWithAck('channel:join', { handle, ...request });
  return { socket, answer };
}

beforeAll(async () => {
  await own('POST', '/channels', { handle, name: 'Closed doors' });
  return () => redis.disconnect();
});

describe('a password', () => {
  test('lets in, plays, and its change ends within 5 s what it let in; nobody reads it anywhere', async () => {
    const show = await make({ visibility: 'password', password: 'lantern-canary' });
    const wrong = await unlock(show.id, { password: 'Lantern' });
    expect([wrong.status, wrong.body.error.code, wrong.body.error.field]).toEqual([403, 'wrong-password', 'password']);
    const { status: made, body } = await unlock(show.id, { password: 'lantern-canary' });
    expect([made, body.broadcast.title]).toEqual([200, TITLE]);
    expect(await status(body.broadcast.playback.hls)).toBe(200);
    expect(await status(show.playback.hls.replace(/~[^/]+/, ''))).toBe(403);
    const chat = await join({ show: show.id, pass: body.pass });
    expect(chat.answer).toMatchObject({ ok: true, broadcast: { id: show.id } });

    const changed = await own('PATCH', `/broadcasts/${show.id}`, { password: 'noodles' });
    expect(JSON.stringify(changed.body)).not.toMatch(/lantern|noodles|scrypt/);
    await vi.waitFor(async () => expect(await status(body.broadcast.playback.hls)).toBe(403), { timeout: 5000 });
    await vi.waitFor(() => expect(chat.socket.connected).toBe(false), { timeout: 5000 });
    chat.socket.disconnect();
    expect((await unlock(show.id, { pass: body.pass })).body.error.code).toBe('pass-ended');
    expect((await unlock(show.id, { password: 'noodles' })).status).toBe(200);
    for (const part of ['web', 'playback', 'realtime', 'control', 'edge', 'postgres']) {
      let log = '';
      try {
        log = readFileSync(path.join(home, 'logs', `${part}.log`), 'utf8');
      } catch {
        continue; // this part has written nothing
      }
      expect(log, part).not.toContain('lantern-canary');
    }
  });

  test('is not to be guessed: after twenty wrong ones even the right one has to wait, a pass does not', async () => {
    const show = await make({ visibility: 'password', password: 'lantern' });
    const { pass } = (await unlock(show.id, { password: 'lantern' })).body;
    const tries = await Promise.all(
      Array.from({ length: 25 }, (_, at) => unlock(show.id, { password: `guess ${at}` })),
    );
    expect(tries.filter((one) => one.status === 403)).toHaveLength(20);
    const late = await unlock(show.id, { password: 'lantern' });
    expect([late.status, late.body.error.code]).toEqual([429, 'rate-limited']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(100);
    expect((await unlock(show.id, { pass })).status).toBe(200);
  });

  test('may be typed right by as many as like, from one address', async () => {
    const show = await make({ visibility: 'password', password: 'lantern' });
    for (let at = 0; at < 30; at += 1) expect((await unlock(show.id, { password: 'lantern' })).status).toBe(200);
  });

  test.each([
    [{ visibility: 'password' }, 'password'],
    [{ visibility: 'public', password: 'lantern' }, 'password'],
    [{ visibility: 'password', password: 'abc' }, 'password'],
  ])('%o is refused, and the field is named', async (input, field) => {
    const answer = await own('POST', `/channels/${handle}/broadcasts`, { title: 'x', ...input });
    expect([answer.status, answer.body.error.field]).toEqual([400, field]);
  });
});

describe('a ticket', () => {
  test('is the first browser’s, plays there, and is gone within 5 s when it is taken back', async () => {
    const show = await make({ visibility: 'ticket' });
    const made = await own('POST', `/broadcasts/${show.id}/tickets`, { label: 'Ann', count: 2 });
    expect([made.status, made.body.items.map((one: { label: string }) => one.label)]).toEqual([
      201,
      ['Ann 1', 'Ann 2'],
    ]);
    const [first] = made.body.items;
    expect(first.link.startsWith(`${show.watchUrl}#ticket=tk_`)).toBe(true);
    const mine = browser();
    const both = await Promise.all([
      unlock(show.id, { ticket: first.link, browser: mine }),
      unlock(show.id, { ticket: first.link, browser: browser() }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 403]);
    const let_in = both.find((one) => one.status === 200)?.body;
    expect(both.find((one) => one.status === 403)?.body.error.code).toBe('ticket-taken');
    expect(await status(let_in.broadcast.playback.hls)).toBe(200);
    const listed = await own('GET', `/broadcasts/${show.id}/tickets`);
    expect(listed.body.items.map((one: { state: string }) => one.state)).toEqual(['used', 'unused']);
    const chat = await join({ show: show.id, pass: let_in.pass });
    expect(chat.answer.ok).toBe(true);

    expect((await own('DELETE', `/broadcasts/${show.id}/tickets/${first.id}`)).status).toBe(204);
    await vi.waitFor(async () => expect(await status(let_in.broadcast.playback.hls)).toBe(403), { timeout: 5000 });
    await vi.waitFor(() => expect(chat.socket.connected).toBe(false), { timeout: 5000 });
    chat.socket.disconnect();
    expect((await unlock(show.id, { pass: let_in.pass })).body.error.code).toBe('ticket-revoked');
    expect((await join({ show: show.id, pass: let_in.pass })).answer).toMatchObject({
      ok: false,
      reason: 'not-allowed',
    });
  });

  test('is seen and made by the host alone', async () => {
    const show = await make({ visibility: 'ticket' });
    for (const [method, call] of [
      ['GET', `/broadcasts/${show.id}/tickets`],
      ['POST', `/broadcasts/${show.id}/tickets`],
      ['DELETE', `/broadcasts/${show.id}/tickets/tk_x`],
    ] as const) {
      expect((await api(method, call)).status).toBe(401);
    }
    expect((await own('DELETE', `/broadcasts/${show.id}/tickets/tk_x`)).status).toBe(404);
  });
});

describe('a closed show leaks nothing', () => {
  test.each([
    { visibility: 'password', password: 'lantern' },
    { visibility: 'ticket' },
    { visibility: 'members' },
    { visibility: 'followers' },
  ])('%o: not by lists, pages, oEmbed, frames, sockets, nor by its media', async (input) => {
    const show = await make(input);
    const play = show.playback.hls.replace(/~[^/]+/, '').replace('index.m3u8', '');
    const texts: Record<string, string> = {};
    for (const address of [
      '/',
      `/${handle}`,
      `/${handle}/${show.id}`,
      `/embed/${handle}`,
      `/embed/${handle}?b=${show.id}`,
      `/embed/${handle}?b=${show.id}&show=both`,
      `/embed/${handle}/room?show=chat`,
      `/api/oembed?url=${encodeURIComponent(show.watchUrl)}`,
      `/api/oembed?url=${encodeURIComponent(`${url}/${handle}`)}`,
      '/api/v1/broadcasts',
      `/api/v1/channels/${handle}/broadcasts`,
      `/api/v1/broadcasts/${show.id}`,
      `/api/v1/broadcasts/${show.id}/recording`,
    ]) {
      texts[address] = await (await fetch(`${url}${address}`)).text();
    }
    for (const file of [
      'index.m3u8',
      'thumb.jpg',
      'storyboard.vtt',
      'storyboard-0.jpg',
      'recording.mp4',
      'state',
      '720p/media.m3u8',
      '720p/0.m4s',
      'manifest.mpd',
    ]) {
      const answer = await fetch(`${play}${file}`);
      expect(answer.status, file).toBe(403);
      texts[file] = await answer.text();
    }
    const channel = await join({});
    expect(channel.answer).toMatchObject({ ok: true, broadcast: null });
    texts.join = JSON.stringify(channel.answer);
    channel.socket.disconnect();
    for (const pass of [undefined, 'made-up', `${show.id}.0.vw_1.zzzzzz.${'A'.repeat(43)}`]) {
      const { socket, answer } = await join({ show: show.id, ...(pass ? { pass } : {}) });
      expect(answer).toMatchObject({ ok: false, reason: 'not-allowed' });
      texts[`join ${pass}`] = JSON.stringify(answer);
      socket.disconnect();
    }
    for (const [where, text] of Object.entries(texts)) {
      expect(text, where).not.toContain(TITLE);
      expect(text, where).not.toContain(show.playbackId);
    }
  });
});

test('frames with chat or gate are as open as the channel says', async () => {
  const show = await make({ visibility: 'password', password: 'lantern' });
  const policyOf = async (address: string) =>
    (await fetch(`${url}${address}`)).headers.get('content-security-policy')?.match(/frame-ancestors [^;]*/g);
  await own('PUT', `/channels/${handle}/embed`, { hosts: ['example.org'] });
  for (const address of [`/embed/${handle}?show=both`, `/embed/${handle}?b=${show.id}`, `/embed/${handle}/room`]) {
    expect(await policyOf(address), address).toEqual(["frame-ancestors 'self' example.org"]);
  }
  await own('PUT', `/channels/${handle}/embed`, { hosts: null });
  expect(await policyOf(`/embed/${handle}?show=chat`)).toEqual(['frame-ancestors *']);
  const bad = await own('PUT', `/channels/${handle}/embed`, { hosts: ['example.org', 'https://x/'] });
  expect([bad.status, bad.body.error.field]).toEqual([400, 'hosts.1']);
  expect(bad.body.error.message).toContain('https://x/');
});
