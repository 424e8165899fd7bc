import { afterEach, expect, test, vi } from 'vitest';
import { WRONG_KEY } from '../supervise/live-ingests.ts';
import { closing, OFFER, startWhip } from './test-whip.ts';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

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
