import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { playPath, signGrant } from '#core/playback/playback-grant';
import { readPlaylist } from '#core/playback/playlist-rules.contract';
import {
  eventually,
  SHOW,
  startTestOrigin,
  type TestOrigin,
} from '../../app/_playback/fixtures/test-origin.contract.ts';
import { type Nginx, runCache } from './run-nginx.ts';

/** The origin behind a real nginx with the configuration that we ship. */
let origin: TestOrigin;
let cache: Nginx;
beforeEach(async () => {
  origin = await startTestOrigin();
  cache = await runCache(`127.0.0.1:${origin.port}`);
});
afterEach(async () => {
  await cache.stop();
  await origin.stop();
});

const get = (path: string, init?: RequestInit) => fetch(`${cache.base}/play/${path}`, init);
const hit = (answer: Response) => answer.headers.get('x-cache');

/** How often the origin answered such requests, of all kinds of status. */
async function askedOfOrigin(route: string): Promise<number> {
  const text = await (await fetch(`${origin.base}/metrics`)).text();
  const lines = [
    ...text.matchAll(new RegExp(`^openair_playback_requests_total\\{route="${route}".*\\} (\\d+)$`, 'gm')),
  ];
  return lines.reduce((sum, [, count]) => sum + Number(count), 0);
}

function granted(viewer: string, epoch = 0): string {
  const expiresAtS = Math.floor(origin.clock.now().getTime() / 1000) + 600;
  const grant = signGrant(origin.signGrant, SHOW.playbackId, { expiresAtS, epoch, viewer });
  return playPath(SHOW.playbackId, grant).slice('/play/'.length);
}

async function goLive(): Promise<void> {
  origin.record();
  await origin.live(0, 9, 2);
}

describe('a public show behind a cache', () => {
  beforeEach(async () => {
    await origin.show();
    await goLive();
  });

  test('a crowd that waits for one part is one request at the origin, for the list and for the part', async () => {
    const lists = Array.from({ length: 40 }, () => get('pb_show/720p/media.m3u8?_HLS_msn=10&_HLS_part=2'));
    const parts = Array.from({ length: 40 }, () => get('pb_show/720p/10.2.m4s'));
    await eventually(async () =>
      /openair_playback_waits 2\n/.test(await (await fetch(`${origin.base}/metrics`)).text()),
    );
    origin.part(10, 2);
    const texts = await Promise.all(lists.map(async (each) => (await each).text()));
    expect(new Set(texts).size).toBe(1);
    expect(readPlaylist(texts[0] ?? '').open.length).toBe(3);
    const bodies = await Promise.all(parts.map(async (each) => (await each).text()));
    expect(new Set(bodies)).toEqual(new Set(['720p 10.2;']));
    expect([await askedOfOrigin('playlist'), await askedOfOrigin('part')]).toEqual([1, 1]);
  });

  test('what a player appends of its own does not make another entry, and each form of a list is one', async () => {
    const list = 'pb_show/720p/media.m3u8?_HLS_msn=9';
    expect(hit(await get(list))).toBe('MISS');
    expect(hit(await get(`${list}&CMCD=br%3D300`))).toBe('HIT');
    expect(hit(await get(`${list}&_HLS_skip=YES`))).toBe('MISS');
    const plain = await get(list, { headers: { 'accept-encoding': 'identity' } });
    expect([hit(plain), plain.headers.get('content-encoding')]).toEqual(['MISS', null]);
  });

  test('errors are not kept: what was missing a moment ago is there', async () => {
    expect((await get('pb_show/720p/12.m4s')).status).toBe(404);
    for (let p = 2; p < 5; p++) origin.part(10, p);
    await origin.close(10);
    await origin.live(11, 12);
    await eventually(async () => (await get('pb_show/720p/12.m4s')).status === 200);
  });

  test('the cache is told to ask again within 30 s whether media is still for everyone, and that costs no bytes', async () => {
    const first = await fetch(`${origin.base}/play/pb_show/720p/3.m4s`);
    expect(Number(/s-maxage=(\d+)/.exec(first.headers.get('cache-control') ?? '')?.[1])).toBeLessThan(30);
    const before = origin.storage.calls;
    const again = await fetch(`${origin.base}/play/pb_show/720p/3.m4s`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect([again.status, origin.storage.calls]).toEqual([304, before]);
  });
});

describe('a show for some behind a cache', () => {
  beforeEach(async () => {
    await origin.show({ visibility: 'members' });
    await goLive();
  });

  test('is kept once for all who may watch, and for nobody else', async () => {
    expect(hit(await get(`${granted('usr_1')}/720p/3.m4s`))).toBe('MISS');
    const other = await get(`${granted('usr_2')}/720p/3.m4s`);
    expect([hit(other), await other.text()]).toEqual(['HIT', '720p 3.0;720p 3.1;720p 3.2;720p 3.3;720p 3.4;']);
    expect(other.headers.get('cache-control')).toMatch(/^private/);
    for (const path of ['pb_show', 'pb_show~forged', `${granted('usr_1').replace(/.$/, '')}!`, granted('usr_3', 7)]) {
      expect((await get(`${path}/720p/3.m4s`)).status, path).toBeGreaterThanOrEqual(400);
    }
  });

  test('the right to watch is asked once a grant, not once a piece, and is kept for less than 30 s', async () => {
    const path = granted('usr_1');
    for (let m = 0; m < 10; m++) expect((await get(`${path}/720p/${m}.m4s`)).status).toBe(200);
    expect(await askedOfOrigin('may')).toBe(1);
    const may = await fetch(`${origin.base}/play/${path}/may`);
    expect([may.status, may.headers.get('cache-control')]).toEqual([204, 'public, max-age=20']);
  });

  test('a grant that was not seen before is asked for at once when the show was closed to it', async () => {
    expect((await get(`${granted('usr_1')}/720p/3.m4s`)).status).toBe(200);
    await origin.show({ visibility: 'members', grantEpoch: 1, version: 2 });
    let n = 0;
    await eventually(async () => (await get(`${granted(`usr_${n++}`)}/720p/3.m4s`)).status === 403, 5000);
    expect((await get(`${granted('usr_new', 1)}/720p/3.m4s`)).status).toBe(200);
  });
});
