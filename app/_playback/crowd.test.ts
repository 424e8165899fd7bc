import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mediaKeys } from '#core/playback/live-feed';
import { expectLawful, readPlaylist } from '#core/playback/playlist-rules.contract';
import { eventually, SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';

/** What many viewers do to one origin, good ones and bad ones. */
let origin: TestOrigin;
const sockets: Socket[] = [];
beforeEach(async () => {
  origin = await startTestOrigin();
  await origin.show();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await origin.stop();
});

async function metric(name: string, of = origin.base): Promise<number> {
  const text = await (await fetch(`${of}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Asks for a path and reads nothing of the answer. */
function askAndSleep(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.pause();
      socket.write(`GET /play/${path} HTTP/1.1\r\nhost: x\r\n\r\n`, () => resolve(socket));
    });
    socket.on('error', reject);
    sockets.push(socket);
  });
}

describe('those who wait', () => {
  test('a thousand that ask for one part hold one wait, and none is left when they go away (R-58)', async () => {
    // Long targets: a wait lasts three of them, and a thousand connections take their time on a busy machine.
    origin.record({ segmentMs: 6000 });
    await origin.live(0, 9, 2);
    await origin.get('pb_show/720p/media.m3u8');
    const path = 'pb_show/720p/media.m3u8?_HLS_msn=10&_HLS_part=2';
    const asked = await Promise.all(Array.from({ length: 1000 }, () => askAndSleep(origin.port, path)));
    await eventually(async () => (await metric('openair_playback_requests_waiting')) === 1000, 15_000);
    expect(await metric('openair_playback_waits')).toBe(1);
    for (const socket of asked) socket.destroy();
    await eventually(async () => (await metric('openair_playback_requests_waiting')) === 0, 15_000);
    origin.part(10, 2);
    await eventually(async () => (await metric('openair_playback_waits')) === 0);
    expect(readPlaylist(await (await origin.get(path)).text()).open.length).toBe(3);
  });
});

describe('those who are slow', () => {
  const LARGE = 48 * 1024 * 1024;

  async function withLargeSegment(settings: Parameters<typeof startTestOrigin>[0]) {
    const own = await startTestOrigin(settings);
    await own.show({ state: 'ended' });
    own.record();
    await own.live(0, 49);
    for (const m of [0, 1]) {
      await own.storage.put(mediaKeys.segment(SHOW.playbackId, '720p', m), Buffer.alloc(LARGE, m), 'video/mp4');
    }
    return own;
  }

  test('one that takes less than the slowest rate is cut off, and its bytes are let go', async () => {
    const slowClients = { leastBytesPerS: LARGE * 10, graceMs: 50, everyMs: 20 };
    const own = await withLargeSegment({ slowClients });
    const socket = await askAndSleep(own.port, 'pb_show/720p/0.m4s');
    await eventually(async () => (await metric('openair_playback_slow_clients_cut_total', own.base)) === 1);
    await eventually(async () => (await metric('openair_playback_lent_bytes', own.base)) === 0);
    socket.destroy();
    await own.stop();
  });

  test('what is lent to them is bounded: further old pieces are refused for a while, the live edge goes on', async () => {
    const own = await withLargeSegment({ lentBytes: LARGE + 1000 });
    const sleepers = await Promise.all([0, 0, 0].map((m) => askAndSleep(own.port, `pb_show/720p/${m}.m4s`)));
    // The same piece lent three times is in memory once.
    await eventually(async () => (await metric('openair_playback_lent_bytes', own.base)) === LARGE);
    const refused = await own.get('pb_show/720p/1.m4s', {}, own.base);
    expect([refused.status, refused.headers.get('retry-after'), (await refused.json()).error.code]).toEqual([
      503,
      '2',
      'busy',
    ]);
    own.part(50, 0);
    expect((await own.get('pb_show/720p/50.0.m4s', {}, own.base)).status).toBe(200);
    expect((await own.get('pb_show/720p/media.m3u8', {}, own.base)).status).toBe(200);
    for (const socket of sleepers) socket.destroy();
    await eventually(async () => (await metric('openair_playback_lent_bytes', own.base)) === 0);
    expect((await own.get('pb_show/720p/1.m4s', {}, own.base)).status).toBe(200);
    await own.stop();
  });

  test('one that takes an answer bit by bit, but fast enough, gets all of it', async () => {
    const own = await withLargeSegment({ slowClients: { leastBytesPerS: 1_000_000, graceMs: 5000, everyMs: 20 } });
    const answer = await own.get('pb_show/720p/0.m4s', {}, own.base);
    let taken = 0;
    for await (const chunk of answer.body ?? []) {
      taken += (chunk as Uint8Array).byteLength;
      await new Promise((resume) => setImmediate(resume));
    }
    expect(taken).toBe(LARGE);
    expect(await metric('openair_playback_slow_clients_cut_total', own.base)).toBe(0);
    await own.stop();
  });
});

describe('how far back', () => {
  test('the window is what the plan of the show says, and follows it while the show runs', async () => {
    origin.record();
    await origin.live(0, 99);
    const listed = async (query = '') =>
      expectLawful(await (await origin.get(`pb_show/720p/media.m3u8${query}`)).text()).segments.map(({ msn }) => msn);
    expect((await listed()).length).toBe(100);
    await origin.show({ dvrS: 40, version: 2 });
    await eventually(async () => (await listed()).length === 40);
    expect((await listed())[0]).toBe(60);
    expect(await (await origin.get('pb_show/manifest.mpd')).text()).toContain('timeShiftBufferDepth="PT40');
    // What left the list can still be had: a viewer who paused there goes on.
    expect((await origin.get('pb_show/720p/59.m4s')).status).toBe(200);
    await origin.show({ dvrS: 86_400, version: 3 });
    await eventually(async () => (await listed()).length === 100);
  });

  test('a list of eight hours is whole, and what a player reloads of it is as short as any', async () => {
    const own = await startTestOrigin({ dvrS: 86_400 });
    await own.show();
    own.record();
    const hours = 8 * 3600;
    own.longAgo(hours);
    await own.live(hours, hours + 3, 1);
    const list = await (await own.get('pb_show/720p/media.m3u8', {}, own.base)).text();
    expect(readPlaylist(list).segments.length).toBe(hours + 4);
    const delta = await (await own.get('pb_show/720p/media.m3u8?_HLS_skip=YES', {}, own.base)).text();
    expect(readPlaylist(delta).skipped).toBeGreaterThan(hours - 10);
    expect(delta.length).toBeLessThan(3000);
    await own.stop();
  }, 30_000);
});
