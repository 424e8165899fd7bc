import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AccessToken } from 'livekit-server-sdk';
import { beforeAll, describe, expect, test } from 'vitest';

const home = process.env.OPENAIR_TEST_HOME ?? '';
const read = (file: string) => JSON.parse(readFileSync(path.join(home, file), 'utf8'));
const { url, apiKey, admin } = read('credentials.json');
const env: Record<string, string> = read('env.json');
/** Internal calls and webhooks are not routed by the edge. */
const web = `http://127.0.0.1:${env.WEB_PORT}`;

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked at
type Answer = { status: number; body: any; headers: Headers };
async function ask(
  method: string,
  address: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(address, {
    method,
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const raw = await response.text();
  return { status: response.status, body: raw === '' ? undefined : JSON.parse(raw), headers: response.headers };
}
const KEY = { authorization: `Bearer ${apiKey}` };
const api = (method: string, call: string, body?: unknown, headers: Record<string, string> = KEY) =>
  ask(method, `${url}/api/v1${call}`, body, headers);

const handle = `t-${Math.random().toString(36).slice(2, 10)}`;
const stamp = Date.now();
let broadcastId = '';
beforeAll(async () => {
  expect((await api('POST', '/channels', { handle, name: 'Test' })).status).toBe(201);
  const made = await api('POST', `/channels/${handle}/broadcasts`, { title: 'A title' });
  expect(made.status).toBe(201);
  broadcastId = made.body.id;
});

describe('good calls', () => {
  test('a broadcast has all that going on air needs', async () => {
    const { body } = await api('GET', `/broadcasts/${broadcastId}`);
    expect(body).toMatchObject({
      state: 'backstage',
      visibility: 'public',
      outputs: [{ kind: 'hls' }],
      destinations: [],
      audience: 0,
    });
    expect(body.watchUrl).toBe(`${url}/${handle}/${body.id}`);
    expect(body.playback.hls).toContain(`/play/${body.playbackId}/index.m3u8`);
    const token = await api('POST', `/broadcasts/${broadcastId}/host-token`, { identity: 'ann', name: 'Ann' });
    const claims = JSON.parse(Buffer.from(token.body.token.split('.')[1], 'base64url').toString());
    expect(claims.video).toMatchObject({
      roomJoin: true,
      room: body.channel.id,
      canPublish: true,
      canUpdateOwnMetadata: false,
    });
    expect(claims.video.roomAdmin).toBeUndefined();
    expect(claims.sub).toBe('host_ann');
    expect(claims.exp - claims.nbf).toBeLessThanOrEqual(4 * 3600 + 60);
  });

  test('size and rungs of the picture are chosen before the start, and fixed after it', async () => {
    const made = await api('POST', `/channels/${handle}/broadcasts`, {
      title: 'Rungs',
      startsAt: new Date(Date.now() + 3_600_000).toISOString(),
      program: { rungs: ['360p', '720p', '480p'] },
    });
    expect(made.body.program).toMatchObject({
      width: 1280,
      height: 720,
      ladder: [{ id: '720p' }, { id: '480p' }, { id: '360p' }],
    });
    const upright = await api('PATCH', `/broadcasts/${made.body.id}`, {
      program: { shape: 'upright', rungs: ['480p'] },
    });
    expect(upright.body.program).toMatchObject({ width: 480, height: 854, ladder: [{ id: '480p' }] });
    await api('POST', `/broadcasts/${made.body.id}/start`);
    const late = await api('PATCH', `/broadcasts/${made.body.id}`, { program: { rungs: ['720p'] } });
    expect(late).toMatchObject({ status: 409, body: { error: { field: 'program' } } });
    await api('POST', `/broadcasts/${made.body.id}/end`);
  });

  test('the scene gets a new version, and an older one is a conflict', async () => {
    const first = await api('PUT', `/broadcasts/${broadcastId}/scene`, { layout: 'speaker' });
    expect(first.body).toMatchObject({ layout: 'speaker', version: 1 });
    const stale = await api('PUT', `/broadcasts/${broadcastId}/scene`, { layout: 'grid', version: 0 });
    expect(stale).toMatchObject({ status: 409, body: { error: { field: 'version' } } });
  });

  test('a rotated stream key is dead, and the answer of the new one names room and ingress (S-11)', async () => {
    const resolve = (streamKey: string) =>
      ask(
        'POST',
        `${web}/api/internal/ingest/resolve`,
        { streamKey },
        { authorization: `Bearer ${env.OPENAIR_SERVICE_SECRET}` },
      );
    const before = (await api('GET', `/channels/${handle}/ingest`)).body.rtmp.streamKey;
    expect(before).toMatch(/^live_[A-Za-z0-9]{10}_[A-Za-z0-9]{26}$/);
    expect((await resolve(before)).body).toMatchObject({
      identity: 'enc_primary',
      ingressId: expect.stringMatching(/^IN_/),
    });
    const after = (await api('POST', `/channels/${handle}/ingest/rotate`)).body.rtmp.streamKey;
    expect(after).not.toBe(before);
    expect((await resolve(before)).status).toBe(404);
    expect((await resolve(after)).status).toBe(200);
  });

  test('a channel chooses what happens to a second encoder, and the ingest worker is told', async () => {
    const path = `/channels/${handle}/ingest`;
    const before = (await api('GET', path)).body;
    expect(before.settings).toEqual({ secondEncoder: 'take-over', record: false });
    expect(before.srt.url).toContain(`streamid=${before.rtmp.streamKey}`);
    const changed = await api('PATCH', path, { secondEncoder: 'refuse' });
    expect(changed).toMatchObject({ status: 200, body: { settings: { secondEncoder: 'refuse' }, rtmp: before.rtmp } });
    const resolved = await ask(
      'POST',
      `${web}/api/internal/ingest/resolve`,
      { streamKey: before.rtmp.streamKey },
      { authorization: `Bearer ${env.OPENAIR_SERVICE_SECRET}` },
    );
    expect(resolved.body).toMatchObject({ secondEncoder: 'refuse' });
    const wrong = await api('PATCH', path, { secondEncoder: 'both' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { field: 'secondEncoder' } } });
  });

  test('a destination’s key is never told again (S-11, S-14)', async () => {
    const canary = `canary-${stamp}`;
    const made = await api('POST', `/channels/${handle}/destinations`, { kind: 'youtube', streamKey: canary });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'YouTube', state: 'idle', lastError: null, hasStreamKey: true },
    });
    const all = [
      made,
      await api('GET', `/channels/${handle}/destinations`),
      await api('GET', `/broadcasts/${broadcastId}`),
    ];
    expect(JSON.stringify(all)).not.toContain(canary);
    expect(
      (await api('PATCH', `/channels/${handle}/destinations/${made.body.id}`, { enabled: false })).body.enabled,
    ).toBe(false);
    expect((await api('DELETE', `/channels/${handle}/destinations/${made.body.id}`)).status).toBe(204);
    expect((await api('DELETE', `/channels/${handle}/destinations/${made.body.id}`)).status).toBe(404);
  });

  test('health is always 200 and names each part', async () => {
    const { status, body } = await api('GET', '/health', undefined, {});
    expect(status).toBe(200);
    expect(Object.keys(body.parts)).toEqual(
      expect.arrayContaining(['database', 'redis', 'storage', 'livekit', 'egress', 'ingest', 'realtime', 'playback']),
    );
  });

  test('a cancelled broadcast is ended, and stays so', async () => {
    const made = await api('POST', `/channels/${handle}/broadcasts`, {
      title: 'Off',
      startsAt: new Date(stamp + 3_600_000).toISOString(),
    });
    expect(made.body.state).toBe('scheduled');
    expect((await api('POST', `/broadcasts/${made.body.id}/end`)).body).toMatchObject({
      state: 'ended',
      endReason: 'cancelled',
    });
    expect((await api('POST', `/broadcasts/${made.body.id}/start`)).status).toBe(409);
    expect((await api('GET', `/broadcasts/${made.body.id}/recording`)).status).toBe(404);
  });
});

const long = (n: number) => 'x'.repeat(n);
/** Call, body, field that the answer must name. */
const BAD: [string, string, unknown, string][] = [
  ['POST', '/channels', {}, 'handle'],
  ['POST', '/channels', { handle: 'ab', name: 'x' }, 'handle'],
  ['POST', '/channels', { handle: 'api', name: 'x' }, 'handle'],
  ['POST', '/channels', { handle: 7, name: 'x' }, 'handle'],
  ['POST', '/channels', { handle: 'okay-handle' }, 'name'],
  ['POST', '/channels', { handle: 'okay-handle', name: long(101) }, 'name'],
  ['POST', '/channels', { handle: 'okay-handle', name: 'x', ownerId: 'me' }, 'ownerId'],
  ['POST', '/channels', '[]', 'body'],
  ['POST', '/channels', '{bad', 'body'],
  ['POST', '/channels/{h}/broadcasts', {}, 'title'],
  ['POST', '/channels/{h}/broadcasts', { title: '' }, 'title'],
  ['POST', '/channels/{h}/broadcasts', { title: 'a\0b' }, 'title'],
  ['POST', '/channels/{h}/broadcasts', { title: long(256) }, 'title'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', visibility: 'secret' }, 'visibility'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', startsAt: 'soon' }, 'startsAt'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', startsAt: '2020-01-01T00:00:00Z' }, 'startsAt'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', autoStart: 'yes' }, 'autoStart'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', latency: 'none' }, 'latency'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', state: 'live' }, 'state'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', program: { rungs: ['720p', '4k'] } }, 'program.rungs.1'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', program: { rungs: ['720p', '720p'] } }, 'program.rungs.1'],
  ['POST', '/channels/{h}/broadcasts', { title: 'x', program: { fps: 1000 } }, 'program.fps'],
  ['PATCH', '/broadcasts/{b}', { title: 5 }, 'title'],
  ['PATCH', '/broadcasts/{b}', { program: { shape: 'round' } }, 'program.shape'],
  ['PATCH', '/broadcasts/{b}', {}, 'body'],
  ['POST', '/broadcasts/{b}/start', { openOnSlate: 1 }, 'openOnSlate'],
  ['POST', '/broadcasts/{b}/end', { force: true }, 'force'],
  ['POST', '/broadcasts/{b}/host-token', {}, 'identity'],
  ['POST', '/broadcasts/{b}/host-token', { identity: 'enc_primary' }, 'identity'],
  ['POST', '/broadcasts/{b}/host-token', { identity: 'a b' }, 'identity'],
  ['POST', '/broadcasts/{b}/host-token', { identity: 'a', name: long(101) }, 'name'],
  ['PUT', '/broadcasts/{b}/scene', { layout: 'spiral' }, 'layout'],
  ['PUT', '/broadcasts/{b}/scene', { slots: [{ identity: '' }] }, 'slots.0.identity'],
  ['PUT', '/broadcasts/{b}/scene', { slots: 'all' }, 'slots'],
  [
    'PUT',
    '/broadcasts/{b}/scene',
    { overlays: [{ id: 'l', kind: 'logo', url: 'file:///etc/passwd' }] },
    'overlays.0.url',
  ],
  ['PUT', '/broadcasts/{b}/scene', { overlays: [{ id: 'c', kind: 'countdown', to: 'soon' }] }, 'overlays.0.to'],
  ['PUT', '/broadcasts/{b}/scene', { overlays: [{ id: 't', kind: 'lower-third' }] }, 'overlays.0.title'],
  ['PUT', '/broadcasts/{b}/scene', { background: { color: 'red' } }, 'background.color'],
  ['PUT', '/broadcasts/{b}/scene', { transition: { kind: 'wipe' } }, 'transition.kind'],
  ['PUT', '/broadcasts/{b}/scene', { colour: 'red' }, 'colour'],
  ['POST', '/channels/{h}/destinations', { name: 'x' }, 'url'],
  ['POST', '/channels/{h}/destinations', { name: 'x', url: 'http://example.com/a' }, 'url'],
  ['POST', '/channels/{h}/destinations', { name: 'x', url: 'rtmp://10.0.0.1/app' }, 'url'],
  ['POST', '/channels/{h}/destinations', { name: 'x', url: 'rtmp://[::ffff:10.0.0.1]/app' }, 'url'],
  ['POST', '/channels/{h}/destinations', { name: 'x', url: 'rtmp://169.254.169.254/app' }, 'url'],
  ['POST', '/channels/{h}/destinations', { name: 'x', kind: 'tv', url: 'rtmp://example.com/app' }, 'kind'],
  ['POST', '/channels/{h}/destinations', { kind: 'twitch' }, 'streamKey'],
  ['POST', '/channels/{h}/destinations', { name: 'x', url: 'rtmp://example.com/app', streamKey: 'a b' }, 'streamKey'],
  ['POST', '/channels/{h}/destinations', { name: 'x', url: 'rtmp://example.com/app', enabled: 'on' }, 'enabled'],
  ['GET', '/broadcasts?state=gone', undefined, 'state'],
  ['GET', '/broadcasts?limit=0', undefined, 'limit'],
  ['GET', '/channels/{h}/broadcasts?limit=many', undefined, 'limit'],
  ['GET', '/broadcasts?apiKey=x', undefined, 'apiKey'],
  ['POST', '/session', { email: 'nobody' }, 'email'],
  ['POST', '/session', { email: 'a@b.example' }, 'password'],
  ['POST', '/session/link', {}, 'token'],
];

describe('bad input', () => {
  test.each(BAD)('%s %s with %j names %s', async (method, call, body, field) => {
    const answer = await api(method, call.replace('{h}', handle).replace('{b}', broadcastId), body);
    expect([400, 422]).toContain(answer.status);
    expect(answer.body.error.field).toBe(field);
    expect(answer.body.error.message.length).toBeGreaterThan(5);
  });

  test('a body over 1 MB is 413, whatever its length header says', async () => {
    const big = await api('POST', '/channels', { handle: 'okay-handle', name: long(1_100_000) });
    expect(big).toMatchObject({ status: 413, body: { error: { code: 'too-large', field: 'body' } } });
  });

  const unknown: [string, string, unknown?][] = [
    ['GET', '/channels/no-such'],
    ['GET', '/channels/no-such/ingest'],
    ['POST', '/channels/no-such/ingest/rotate'],
    ['GET', '/channels/no-such/broadcasts'],
    ['POST', '/channels/no-such/broadcasts', { title: 'x' }],
    ['GET', '/channels/no-such/destinations'],
    ['GET', '/broadcasts/br_none'],
    ['POST', '/broadcasts/br_none/start'],
    ['POST', '/broadcasts/br_none/end'],
    ['POST', '/broadcasts/br_none/host-token', { identity: 'a' }],
    ['PUT', '/broadcasts/br_none/scene', {}],
    ['GET', '/broadcasts/br_none/recording'],
    ['GET', '/no/such/call'],
    ['GET', "/broadcasts/br_'; drop table broadcasts; --"],
    ['GET', '/channels/%00'],
    ['GET', '/channels/..%2f..%2fetc'],
  ];
  test.each(unknown)('%s %s is 404 without a stack', async (method, call, body) => {
    const answer = await api(method, call, body);
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts\b|\.js\b|at Object|select /);
  });
});

describe('who may', () => {
  const CLOSED: [string, string, unknown?][] = [
    ['GET', '/channels'],
    ['POST', '/channels', { handle: 'okay-handle', name: 'x' }],
    ['GET', `/channels/${handle}/ingest`],
    ['POST', `/channels/${handle}/ingest/rotate`],
    ['POST', `/channels/${handle}/broadcasts`, { title: 'x' }],
    ['GET', `/channels/${handle}/destinations`],
  ];
  test.each(CLOSED)('%s %s needs a sign-in', async (method, call, body) => {
    for (const headers of [
      {},
      { authorization: 'Bearer oak_this-is-a-wrong-key-of-some-length' },
      { cookie: 'openair=forged' },
    ]) {
      const answer = await api(method, call, body, { ...headers } as Record<string, string>);
      expect([401, 403]).toContain(answer.status);
    }
  });

  test('anyone sees a public broadcast, and not how it is made', async () => {
    const { status, body } = await api('GET', `/broadcasts/${broadcastId}`, undefined, {});
    expect(status).toBe(200);
    for (const secret of ['destinations', 'scene', 'problem']) expect(body[secret]).toBeUndefined();
    const closed = await api('POST', `/channels/${handle}/broadcasts`, {
      title: 'Members only',
      visibility: 'members',
    });
    expect((await api('GET', `/broadcasts/${closed.body.id}`, undefined, {})).status).toBe(404);
    expect((await api('GET', `/broadcasts/${closed.body.id}`)).body.playback.hls).toContain('~');
    expect(JSON.stringify((await api('GET', `/channels/${handle}/broadcasts`, undefined, {})).body)).not.toContain(
      'Members only',
    );
  });

  test('a cookie works from our own page and not from another site’s (S-37)', async () => {
    const wrong = await api('POST', '/session', { email: admin.email, password: 'not-the-password' }, { origin: url });
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
    const signedIn = await api('POST', '/session', { email: admin.email, password: admin.password }, { origin: url });
    expect(signedIn.status).toBe(200);
    const [cookie = ''] = signedIn.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    const mine = { cookie: cookie.split(';')[0] ?? '' };
    expect((await api('GET', '/session', undefined, mine)).body.actor).toMatchObject({ kind: 'user', isAdmin: true });
    const make = (headers: Record<string, string>) =>
      api('POST', '/channels', { handle: 'x', name: 'x' }, { ...mine, ...headers });
    expect((await make({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await make({ origin: 'null' })).status).toBe(403);
    expect((await make({ origin: `${url}.evil.example` })).status).toBe(403);
    expect((await make({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await make({})).status).toBe(403);
    expect((await make({ origin: url, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await make({ origin: url })).status).toBe(400);
    expect((await api('DELETE', '/session', undefined, { ...mine, origin: url })).status).toBe(204);
    expect((await api('GET', '/session', undefined, mine)).body.actor.kind).toBe('anonymous');
  });

  test('the first-run link works once (S-46)', async () => {
    const secret = { authorization: `Bearer ${env.OPENAIR_SERVICE_SECRET}` };
    expect((await ask('POST', `${web}/api/internal/sign-in-link`, {}, { authorization: 'Bearer wrong' })).status).toBe(
      401,
    );
    const { body } = await ask('POST', `${web}/api/internal/sign-in-link`, {}, secret);
    const token = new URL(body.url).searchParams.get('token') ?? '';
    expect(token.length).toBeGreaterThanOrEqual(43);
    const tries = await Promise.all([0, 1, 2].map(() => api('POST', '/session/link', { token }, { origin: url })));
    expect(tries.map((one) => one.status).sort()).toEqual([200, 401, 401]);
    expect((await api('POST', '/session/link', { token }, { origin: url })).status).toBe(401);
  });

  test('answers that depend on who asks stay out of caches (S-50)', async () => {
    for (const call of ['/session', `/broadcasts/${broadcastId}`]) {
      expect((await api('GET', call)).headers.get('cache-control')).toBe('private, no-store');
    }
  });
});

describe('webhooks of LiveKit (S-23, S-24)', () => {
  const body = JSON.stringify({ event: 'room_started', id: `EV_test_${stamp}`, room: { name: 'ch_none' } });
  const sign = async (
    text: string,
    { key = env.LIVEKIT_API_KEY, secret = env.LIVEKIT_API_SECRET, ttl = 300 as number | string } = {},
  ) => {
    const token = new AccessToken(key, secret, { ttl });
    token.sha256 = createHash('sha256').update(text).digest('base64');
    return token.toJwt();
  };
  const post = (text: string, headers: Record<string, string>) =>
    ask('POST', `${web}/api/webhooks/livekit`, text, { 'content-type': 'application/webhook+json', ...headers });

  test('a true one is taken, and again without effect', async () => {
    const authorization = await sign(body);
    expect((await post(body, { authorization })).status).toBe(200);
    expect((await post(body, { authorization })).status).toBe(200);
  });
  test('forged ones are refused', async () => {
    expect((await post(body, {})).status).toBe(401);
    expect((await post(body, { authorization: 'nonsense' })).status).toBe(401);
    expect((await post(`${body} `, { authorization: await sign(body) })).status).toBe(401);
    expect(
      (await post(body, { authorization: await sign(body, { secret: 'another-secret-another-secret-another' }) }))
        .status,
    ).toBe(401);
    expect((await post(body, { authorization: await sign(body, { key: 'another-key' }) })).status).toBe(401);
    const [head = '', claims = ''] = (await sign(body)).split('.');
    expect((await post(body, { authorization: `${head}.${claims}.` })).status).toBe(401);
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect((await post(body, { authorization: `${none}.${claims}.` })).status).toBe(401);
  });
  test('an oversize one is refused unread', async () => {
    expect((await post('x'.repeat(300_000), { authorization: await sign(body) })).status).toBe(413);
  });
});
