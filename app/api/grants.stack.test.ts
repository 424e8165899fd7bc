import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createFeedWriter } from '#adapters/redis/fixtures/feed-writer';
import { testRecord } from '#core/playback/feed-reader.contract';

/** Who may watch, from the API to the origin of a running install. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const read = (file: string) => JSON.parse(readFileSync(path.join(home, file), 'utf8'));
const { url, apiKey } = read('credentials.json');
const env: Record<string, string> = read('env.json');
const redis = new Redis(env.REDIS_URL ?? '');

async function api(method: string, call: string, body?: unknown) {
  const answer = await fetch(`${url}/api/v1${call}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

let broadcast: { id: string; playbackId: string; playback: { hls: string } };
const grants = (body: unknown) => api('POST', `/broadcasts/${broadcast.id}/grants`, body);
const status = async (hls: string, headers: Record<string, string> = {}) => (await fetch(hls, { headers })).status;

beforeAll(async () => {
  const handle = `g-${Math.random().toString(36).slice(2, 10)}`;
  await api('POST', '/channels', { handle, name: 'Grants' });
  broadcast = (await api('POST', `/channels/${handle}/broadcasts`, { title: 'For some', visibility: 'ticket' })).body;
  const writer = createFeedWriter(redis, broadcast.playbackId);
  await writer.record(testRecord({ shows: 'source' }));
  for (const id of ['720p', 'audio']) {
    const facts = { e: 1, m: 0, d: 90_000, w: Date.now(), x: false };
    const part = { t: 'part' as const, ...facts, p: 0, i: true, b: Buffer.from(id) };
    await writer.append(id, [part, { t: 'segment', ...facts, parts: 1, k: null }], [{ ...facts, s: 4 }]);
  }
  return async () => {
    await writer.expire(['720p', 'audio']);
    redis.disconnect();
  };
});

describe('a grant by the API', () => {
  test('plays at the origin, is renewed there, and what it does not cover is refused', async () => {
    const { status: made, body } = await grants({ viewer: 'order-17' });
    expect(made).toBe(201);
    expect(await status(body.hls)).toBe(200);
    expect(await status(body.hls.replace(/~[^/]+/, ''))).toBe(403);
    const renewed = await fetch(body.hls.replace('index.m3u8', 'renew'), { method: 'POST' });
    const next = await renewed.json();
    expect(await status(body.hls.replace(/~[^/]+/, `~${next.grant}`))).toBe(200);
  });

  test('is bound to a site when that is asked for', async () => {
    const { body } = await grants({ viewer: 'order-18', site: 'Example.org' });
    expect(await status(body.hls)).toBe(403);
    expect(await status(body.hls, { origin: 'https://example.org' })).toBe(200);
  });

  test('who is sent away is gone from the origin within 5 s, and back when let', async () => {
    const [mine, other] = [
      (await grants({ viewer: 'order-19' })).body.hls,
      (await grants({ viewer: 'order-20' })).body.hls,
    ];
    expect([await status(mine), await status(other)]).toEqual([200, 200]);
    expect((await api('PUT', `/broadcasts/${broadcast.id}/revoked/order-19`)).status).toBe(204);
    await vi.waitFor(async () => expect(await status(mine)).toBe(403), { timeout: 5000, interval: 100 });
    expect(await status(other)).toBe(200);
    expect((await api('DELETE', `/broadcasts/${broadcast.id}/revoked/order-19`)).status).toBe(204);
    await vi.waitFor(async () => expect(await status(mine)).toBe(200), { timeout: 5000, interval: 100 });
  });

  test('all of them end within 5 s when the show is made for somebody else', async () => {
    const { hls } = (await grants({ viewer: 'order-21' })).body;
    expect(await status(hls)).toBe(200);
    expect((await api('PATCH', `/broadcasts/${broadcast.id}`, { visibility: 'members' })).status).toBe(200);
    await vi.waitFor(async () => expect(await status(hls)).toBe(403), { timeout: 5000, interval: 100 });
    expect(await status((await grants({ viewer: 'order-21' })).body.hls)).toBe(200);
  });

  test.each([
    [{}, 'viewer'],
    [{ viewer: 'a@b.example' }, 'viewer'],
    [{ viewer: 'x', lifeS: 5 }, 'lifeS'],
    [{ viewer: 'x', site: 'https://example.org/' }, 'site'],
  ])('%o is refused, and the field is named', async (body, field) => {
    const answer = await grants(body);
    expect([answer.status, answer.body.error.field]).toEqual([400, field]);
  });

  test('no log of the install has one', async () => {
    const { hls } = (await grants({ viewer: 'order-canary' })).body;
    await status(hls);
    await status(hls.replace('index.m3u8', 'recording.mp4'));
    const signature = /\.([A-Za-z0-9_-]{43})\//.exec(hls)?.[1] ?? 'none';
    expect(signature.length).toBe(43);
    for (const part of ['playback', 'web', 'caddy', 'edge', 'control']) {
      let text = '';
      try {
        text = readFileSync(path.join(home, 'logs', `${part}.log`), 'utf8');
      } catch {
        continue; // this part has written nothing
      }
      expect(text).not.toContain(signature);
    }
  });
});

test('how viewers fare comes from the beats of players', async () => {
  const { hls } = (await grants({ viewer: 'order-30' })).body;
  const report = {
    device: 'phone',
    engine: 'hls.js',
    startMs: 700,
    playedMs: 20_000,
    stalledMs: 0,
    stalls: 0,
    rungsUp: 0,
    rungsDown: 0,
    errors: [],
  };
  const beat = await fetch(hls.replace('index.m3u8', 'beat'), {
    method: 'POST',
    body: JSON.stringify({ session: 'viewer-session', report }),
  });
  expect(await beat.json()).toEqual({ report: true });
  await vi.waitFor(
    async () => {
      const { body } = await api('GET', `/broadcasts/${broadcast.id}/quality`);
      expect(body.now).toMatchObject({ reports: 1, devices: { phone: 1 }, rebufferShare: 0 });
      expect(body.minutes.length).toBe(1);
    },
    { timeout: 15_000, interval: 300 },
  );
});
