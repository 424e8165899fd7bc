import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openPushBench } from './fixtures/push-bench.ts';
import { openRtmpPlatform } from './fixtures/rtmp-platform.ts';
import { openTestAuthority } from './fixtures/test-authority.ts';

let authority: ReturnType<typeof openTestAuthority>;
beforeAll(() => {
  authority = openTestAuthority();
});
afterAll(() => authority.close());
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const wait = { timeout: 12_000 };

async function pushTo(
  url: (port: number) => string,
  options: { names?: string; days?: number; trust?: boolean; plain?: boolean } = {},
) {
  const seenNames: (string | false | null)[] = [];
  const tls = options.plain ? undefined : authority.issue(options.names ?? 'DNS:localhost', options.days);
  const platform = await openRtmpPlatform({
    tls: tls && {
      ...tls,
      SNICallback: (name, done) => {
        seenNames.push(name);
        done(null);
      },
    },
  });
  const trusted = options.trust === false ? undefined : [authority.certificate];
  const bench = openPushBench({ trusted });
  closers.push(platform.close, () => bench.set.close());
  bench.set.add({ id: 'a', url: url(platform.port) });
  return { bench, platform, seenNames };
}

test('RTMPS: the server is asked for by its name, its certificate is checked, and the stream arrives', async () => {
  const { bench, platform, seenNames } = await pushTo((port) => `rtmps://localhost:${port}/app/key`);
  await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
  closers.push(bench.run());
  await vi.waitFor(() => expect(platform.received('key').messages.length).toBeGreaterThan(20), wait);
  expect(seenNames).toEqual(['localhost']);
});

test('RTMPS to an address is checked against the address', async () => {
  const { bench } = await pushTo((port) => `rtmps://127.0.0.1:${port}/app/key`, { names: 'IP:127.0.0.1' });
  await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
});

test.each([
  ['another name', { names: 'DNS:other.example' }, 'ERR_TLS_CERT_ALTNAME_INVALID', /belongs to another name/],
  ['a past date', { days: -1 }, 'CERT_HAS_EXPIRED', /has expired/],
  ['an authority nobody knows', { trust: false }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not signed by an authority/],
])('RTMPS: a certificate with %s gets not one byte of the stream', async (_what, options, code, words) => {
  const { bench, platform } = await pushTo((port) => `rtmps://localhost:${port}/app/topsecret`, options);
  await vi.waitFor(() => expect(bench.last('a')).toMatchObject({ state: 'retrying', lastError: { code } }), wait);
  expect(bench.last('a')?.lastError?.sentence).toMatch(words);
  expect(platform.asked).toEqual([]);
});

test('RTMPS to a port that speaks plain RTMP says so', async () => {
  const { bench } = await pushTo((port) => `rtmps://localhost:${port}/app/key`, { plain: true });
  await vi.waitFor(() => expect(bench.last('a')?.state).toBe('retrying'), wait);
  expect(bench.last('a')?.lastError?.sentence).toMatch(/does not speak TLS|TLS greeting/);
});
