import { PassThrough } from 'node:stream';
import { TokenVerifier } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { type ChromiumWish, chromiumFlags } from './chromium-flags.ts';
import { DevTools } from './devtools.ts';
import { fromNv12, pictureBytes } from './i420.ts';
import { CRASH_LIMIT, CRASH_WINDOW_MS, FIRST_TRIES, RestartRule } from './restart-rule.ts';
import { templateUrl } from './template-url.ts';

const WISH: ChromiumWish = {
  width: 1280,
  height: 720,
  profile: '/tmp/p',
  sandbox: true,
  captureTitle: 'title',
  webrtc: false,
  smallShm: false,
  flags: {},
};

test('an operator may add switches and take ours away, but none of those that guard the page', () => {
  const flags = chromiumFlags({
    ...WISH,
    flags: {
      'disable-gpu': false,
      'font-render-hinting': 'none',
      'enable-unsafe-swiftshader': true,
      'proxy-server': 'http://elsewhere',
      'no-sandbox': true,
      'remote-debugging-port': '9222',
      'proxy-bypass-list': '*',
    },
  });
  expect(flags).not.toContain('--disable-gpu');
  expect(flags).toEqual(expect.arrayContaining(['--font-render-hinting=none', '--enable-unsafe-swiftshader']));
  expect(flags.filter((flag) => /^--(proxy|remote|no-sandbox)/.test(flag)).toSorted()).toEqual([
    '--proxy-bypass-list=<-loopback>',
    '--proxy-server=http://127.0.0.1:9',
    '--remote-debugging-pipe',
  ]);
});

test('a page may not send past the proxy by WebRTC; a template, which joins LiveKit by it, may', () => {
  expect(chromiumFlags(WISH)).toContain('--webrtc-ip-handling-policy=disable_non_proxied_udp');
  expect(chromiumFlags({ ...WISH, webrtc: true })).toContain('--webrtc-ip-handling-policy=default');
  expect(chromiumFlags({ ...WISH, sandbox: false })).toContain('--no-sandbox');
});

test('a page that was never shown gets few tries; one that was is tried for ever', () => {
  const never = new RestartRule();
  for (let i = 1; i < FIRST_TRIES; i++) expect(never.failed().again).toBe(true);
  expect(never.failed()).toEqual({ again: false });
  const shown = new RestartRule();
  shown.shown();
  const pauses = Array.from({ length: 20 }, () => shown.failed()).map((verdict) => verdict.again && verdict.afterMs);
  expect(pauses.every((ms) => typeof ms === 'number' && ms <= 30_000)).toBe(true);
  expect(pauses).toEqual(pauses.toSorted((a, b) => Number(a) - Number(b)));
});

test('a page that crashes again and again within a minute is given up; one that crashes now and then is not', () => {
  const loop = new RestartRule();
  for (let i = 1; i < CRASH_LIMIT; i++) {
    loop.shown();
    expect(loop.crashed(i * 1000).again).toBe(true);
  }
  expect(loop.crashed(CRASH_LIMIT * 1000)).toEqual({ again: false });
  const rare = new RestartRule();
  for (let i = 1; i < 20; i++) expect(rare.crashed((i * CRASH_WINDOW_MS) / (CRASH_LIMIT - 1)).again).toBe(true);
});

test('a template is told layout, LiveKit and a token of the recorder, beside its own query', async () => {
  const livekit = { url: 'wss://lk.example', apiKey: 'key', apiSecret: 's'.repeat(32) };
  const facts = {
    base: 'https://x.example/t?theme=blue&layout=old',
    layout: 'grid-dark',
    egressId: 'EG_1',
    roomName: 'r',
  };
  const url = new URL(await templateUrl({ ...facts, livekit }));
  expect([url.origin, url.pathname]).toEqual(['https://x.example', '/t']);
  const { token, ...rest } = Object.fromEntries(url.searchParams);
  expect(rest).toEqual({ theme: 'blue', layout: 'grid-dark', url: 'wss://lk.example' });
  expect(await new TokenVerifier('key', 's'.repeat(32)).verify(token ?? '')).toMatchObject({
    sub: 'EG_1',
    kind: 'egress',
    video: { room: 'r', roomJoin: true, hidden: true, recorder: true, canSubscribe: true, canPublish: false },
  });
});

test('interleaved chroma becomes two planes, for odd sides too', () => {
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 11, 21, 12, 22, 13, 23]);
  expect(pictureBytes(3, 3)).toBe(data.length);
  fromNv12(data, 3, 3);
  expect([...data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 22, 23]);
});

/** A browser that is a pair of streams. */
function fakeBrowser() {
  const [fromBrowser, toBrowser] = [new PassThrough(), new PassThrough()];
  const devtools = new DevTools({ in: fromBrowser, out: toBrowser });
  const say = (message: object | string) =>
    fromBrowser.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\0`);
  return { devtools, fromBrowser, say, asked: () => JSON.parse(String(toBrowser.read()).replace('\0', '')) };
}

test('a call gets its own answer, however the bytes come, and an error has the browser’s words', async () => {
  const { devtools, fromBrowser, say, asked } = fakeBrowser();
  const call = devtools.call('Page.navigate', { url: 'x' }, 'S1');
  expect(asked()).toEqual({ id: 1, method: 'Page.navigate', params: { url: 'x' }, sessionId: 'S1' });
  const text = Buffer.from(`${JSON.stringify({ id: 1, result: { ok: 'yés' } })}\0`);
  for (const byte of text) fromBrowser.write(Buffer.from([byte]));
  expect(await call).toEqual({ ok: 'yés' });
  const bad = devtools.call('No.such');
  say({ id: 2, error: { message: 'not found' } });
  await expect(bad).rejects.toThrow('not found');
});

test('a message of any size from the page is left out without harm, and the next one is read', async () => {
  const { devtools, say } = fakeBrowser();
  const events: string[] = [];
  devtools.on(({ method }) => events.push(method));
  say({ method: 'Huge', params: { text: 'x'.repeat(9 * 1024 * 1024) } });
  say({ method: 'Small' });
  const call = devtools.call('A');
  say({ id: 1, result: {} });
  await call;
  expect(events).toEqual(['Small']);
});

test('a browser that goes, or talks nonsense, fails every call, the waiting ones too', async () => {
  const gone = fakeBrowser();
  const waiting = gone.devtools.call('A');
  gone.fromBrowser.end();
  await expect(waiting).rejects.toThrow('closed its pipe');
  await expect(gone.devtools.call('B')).rejects.toThrow('closed its pipe');
  const mad = fakeBrowser();
  const call = mad.devtools.call('A');
  mad.say('{nonsense');
  await expect(call).rejects.toThrow('no message');
  await expect(fakeBrowser().devtools.call('A', {}, undefined, 20)).rejects.toThrow('no answer');
});
