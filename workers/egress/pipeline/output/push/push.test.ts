import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openPushBench } from './fixtures/push-bench.ts';
import { type Manners, openRtmpPlatform } from './fixtures/rtmp-platform.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(
  platformOptions: Parameters<typeof openRtmpPlatform>[0] = {},
  benchOptions: Parameters<typeof openPushBench>[0] = {},
) {
  const platform = await openRtmpPlatform(platformOptions);
  const bench = openPushBench(benchOptions);
  closers.push(platform.close, () => bench.set.close());
  return { platform, bench, url: (key: string) => `rtmp://127.0.0.1:${platform.port}/app/${key}` };
}

const wait = { timeout: 12_000 };

describe('a push over RTMP', () => {
  test('sends metadata, headers and then a key frame, under the whole stream name', async () => {
    const { platform, bench, url } = await open();
    bench.set.add({ id: 'a', url: url('inst/key?x=1') });
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
    for (let index = 0; index < 70; index++) bench.feed();
    const { messages } = platform.received('key?x=1');
    await vi.waitFor(() => expect(messages.length).toBeGreaterThan(20), wait);
    expect(platform.asked).toEqual(['key?x=1']);
    expect(messages.slice(0, 5).map(({ type, head }) => [type, ...head])).toEqual([
      ['data', 0x02, 0],
      ['video', 0x17, 0],
      ['audio', 0xaf, 0],
      ['video', 0x17, 1],
      ['audio', 0xaf, 1],
    ]);
    expect(messages[3]?.ms).toBe(0);
  });

  test('comes back after the receiver broke the connection', async () => {
    const { platform, bench, url } = await open();
    bench.set.add({ id: 'a', url: url('key') });
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
    platform.cut();
    await vi.waitFor(
      () => expect(bench.last('a')).toMatchObject({ state: 'retrying', lastError: { code: 'closed' } }),
      wait,
    );
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
    expect(bench.last('a')?.retries).toBe(1);
  });

  test.each<[Manners, string]>([
    ['bad-name', 'name-in-use'],
    ['wants-login', 'needs-login'],
    ['hangs-up-at-publish', 'rejected'],
    ['hangs-up-at-first-picture', 'hangs-up'],
  ])('a platform that answers "%s" three times has failed it (%s), in words without the key', async (manners, code) => {
    const { bench, url } = await open({ manners });
    bench.set.add({ id: 'a', url: url('topsecret') });
    closers.push(bench.run());
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('failed'), wait);
    expect(bench.last('a')).toMatchObject({ retries: 2, lastError: { code } });
    expect(JSON.stringify(bench.reports)).not.toContain('topsecret');
  });

  test('one that failed goes on when it is removed and added again, and the old one does not speak in its place', async () => {
    const { platform, bench, url } = await open({ manners: 'hangs-up-at-publish' });
    bench.set.add({ id: 'a', url: url('key') });
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('failed'), wait);
    platform.setManners('takes');
    bench.set.remove('a');
    bench.set.add({ id: 'a', url: url('key') });
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
    bench.set.remove('a');
    bench.set.add({ id: 'a', url: url('key') });
    await vi.waitFor(() => expect(platform.received('key').connections).toBe(2), wait);
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
  });

  test('the same push twice is one, and a removed one says that it stopped', async () => {
    const { platform, bench, url } = await open();
    bench.set.add({ id: 'a', url: url('key') });
    bench.set.add({ id: 'a', url: url('key') });
    await vi.waitFor(() => expect(bench.last('a')?.state).toBe('pushing'), wait);
    bench.set.remove('a');
    expect(bench.last('a')).toMatchObject({ state: 'stopped', bitrateKbps: 0 });
    expect(platform.received('key').connections).toBe(1);
  });

  test('does not go to a private address unless it is allowed', async () => {
    const bench = openPushBench({ allow: [] });
    bench.set.add({ id: 'a', url: 'rtmp://127.0.0.1:1/app/key' });
    await vi.waitFor(
      () => expect(bench.last('a')).toMatchObject({ state: 'failed', lastError: { code: 'EFORBIDDEN' } }),
      wait,
    );
  });

  test.each([
    ['rtmp://127.0.0.1:1/app/key', 'ECONNREFUSED'],
    ['rtmp://no-such-host.invalid/app/key', 'ENOTFOUND'],
  ])('%s is tried again and the cause is %s', async (url, code) => {
    const bench = openPushBench();
    closers.push(() => bench.set.close());
    bench.set.add({ id: 'a', url });
    await vi.waitFor(() => expect(bench.last('a')).toMatchObject({ state: 'retrying', lastError: { code } }), wait);
  });

  test('a server that accepts and says nothing, or something else than RTMP, is told apart', async () => {
    const { bench, url } = await open({ manners: 'silent' });
    const web = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    closers.push(() => web.close());
    const address = web.address();
    bench.set.add({ id: 'silent', url: url('key') });
    bench.set.add({ id: 'web', url: `rtmp://127.0.0.1:${typeof address === 'object' && address?.port}/app/key` });
    await vi.waitFor(() => expect(bench.last('web')?.lastError?.code).toBe('protocol'), wait);
    await vi.waitFor(() => expect(bench.last('silent')?.lastError?.code).toBe('handshake'), wait);
  });

  test('an address that is none has failed at once', () => {
    const bench = openPushBench();
    bench.set.add({ id: 'a', url: 'http://a/b' });
    expect(bench.last('a')).toMatchObject({ state: 'failed', lastError: { code: 'bad-url' } });
  });
});

describe('a slow destination', () => {
  test('loses whole groups of its own, says what it takes and needs, and takes nothing from its neighbour', async () => {
    const healthy = await openRtmpPlatform();
    const { bench, url } = await open({ bytesPerSecond: 10_000 }, { pictureBytes: 20_000 });
    closers.push(healthy.close);
    bench.set.add({ id: 'slow', url: url('slow') });
    bench.set.add({ id: 'good', url: `rtmp://127.0.0.1:${healthy.port}/app/good` });
    await vi.waitFor(() => expect(bench.last('slow')?.state).toBe('pushing'), wait);
    await vi.waitFor(() => expect(bench.last('good')?.state).toBe('pushing'), wait);
    const first = Math.ceil(bench.pictures / 30) * 30;
    closers.push(bench.run());
    await vi.waitFor(
      () => expect(bench.last('slow')).toMatchObject({ lastError: { code: 'too-slow' }, state: 'pushing' }),
      {
        timeout: 25_000,
      },
    );
    expect(bench.last('slow')?.lastError?.sentence).toMatch(
      /^127\.0\.0\.1 takes .*bit\/s, the stream needs [45]\.\d Mbit\/s: /,
    );
    expect(bench.last('slow')?.droppedFrames).toBeGreaterThan(0);
    expect(bench.last('slow')?.bitrateKbps).toBeLessThan(2_000);
    const sent = bench.pictures - first;
    const pictures = () =>
      healthy.received('good').messages.filter(({ type, head }) => type === 'video' && head[1] === 1);
    await vi.waitFor(() => expect(pictures().length).toBeGreaterThanOrEqual(sent), wait);
    const times = pictures().map(({ ms }) => ms);
    expect(times.every((ms, index) => ms === index * 33)).toBe(true);
    expect(bench.last('good')).toMatchObject({ droppedFrames: 0, lastError: null, retries: 0 });
  }, 45_000);
});
