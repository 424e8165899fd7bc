import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mediaKeys } from '#core/playback/live-feed';
import { playPath, signGrant } from '#core/playback/playback-grant';
import { expectLawful } from '#core/playback/playlist-rules.contract';
import { finalizeRecording } from '#core/recording/finalize-recording';
import { SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';

let origin: TestOrigin;
beforeEach(async () => {
  origin = await startTestOrigin();
});
afterEach(() => origin.stop());

const PIECES = [
  'index.m3u8',
  '720p/media.m3u8',
  '720p/init-1.mp4',
  '720p/3.m4s',
  '720p/10.0.m4s',
  'thumb.jpg',
  'storyboard.vtt',
  'storyboard-0.jpg',
  'recording.mp4',
  'recording.m4a',
  'state',
];

async function goLive(): Promise<void> {
  origin.record();
  await origin.live(0, 9, 2);
  const { thumbnail, storyboard, storyboardTrack, recording, recordingAudio } = mediaKeys;
  const files = [thumbnail, storyboardTrack, recording, recordingAudio].map((key) => key(SHOW.playbackId));
  for (const key of [...files, storyboard(SHOW.playbackId, 0)]) await origin.storage.put(key, Buffer.from('file'), '');
}
/** Path of the show with a grant for one viewer. */
function granted(change: { epoch?: number; playbackId?: string; lifeS?: number } = {}): string {
  const expiresAtS = Math.floor(origin.clock.now().getTime() / 1000) + (change.lifeS ?? 3600);
  const grant = signGrant(origin.signGrant, change.playbackId ?? SHOW.playbackId, {
    expiresAtS,
    epoch: change.epoch ?? 0,
    viewer: 'usr_1',
  });
  return playPath(SHOW.playbackId, grant).slice('/play/'.length);
}
const statuses = (path: string) =>
  Promise.all(PIECES.map(async (piece) => (await origin.get(`${path}/${piece}`)).status));
const all = (status: number) => PIECES.map(() => status);

describe('who may watch (S-19)', () => {
  test('a public show needs no grant, and is for shared caches', async () => {
    await origin.show();
    await goLive();
    expect(await statuses('pb_show')).toEqual(all(200));
    expect((await origin.get('pb_show/720p/3.m4s')).headers.get('cache-control')).toMatch(/^public/);
  });

  test.each(['followers', 'members', 'password', 'ticket'] as const)(
    'nothing of a show for %s is seen without a grant, everything with one',
    async (visibility) => {
      await origin.show({ visibility });
      await goLive();
      expect(await statuses('pb_show')).toEqual(all(403));
      expect(await statuses(granted())).toEqual(all(200));
    },
  );

  test('what needs a grant is for no shared cache, and for no browser beyond the grant (S-20)', async () => {
    await origin.show({ visibility: 'members' });
    await goLive();
    const answer = await origin.get(`${granted({ lifeS: 100 })}/720p/3.m4s`);
    expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=(100|99), immutable$/);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('a grant of another show, an old epoch, or past its time opens nothing', async () => {
    await origin.show({ visibility: 'members', grantEpoch: 4 });
    await goLive();
    expect(await statuses(granted({ epoch: 4, playbackId: 'pb_other' }))).toEqual(all(403));
    expect(await statuses(granted({ epoch: 3 }))).toEqual(all(403));
    const short = granted({ epoch: 4, lifeS: 60 });
    expect(await statuses(short)).toEqual(all(200));
    origin.pass(61_000);
    const answer = await origin.get(`${short}/index.m3u8`);
    expect([answer.status, (await answer.json()).error.code]).toEqual([403, 'grant-expired']);
  });

  test('a grant changed in any one place opens nothing', async () => {
    await origin.show({ visibility: 'members' });
    await goLive();
    const good = granted();
    const from = good.indexOf('~') + 1;
    for (let i = from; i < good.length; i++) {
      const changed = `${good.slice(0, i)}${good[i] === 'a' ? 'b' : 'a'}${good.slice(i + 1)}`;
      expect((await origin.get(`${changed}/state`)).status, `changed at ${i - from}`).toBe(403);
    }
  });

  test('a show that nobody announced does not exist, whatever the feed has', async () => {
    await goLive();
    const seen = (await statuses('pb_show')).slice(0, -1);
    expect(new Set(seen)).toEqual(new Set([404]));
    expect(await (await origin.get('pb_show/state')).json()).toMatchObject({ state: 'unknown', playable: false });
  });
});

describe('addresses (S-9)', () => {
  test.each([
    '/play/pb_show/../../etc/passwd',
    '/play/pb_show/%2e%2e/x',
    '/play/pb_show/720p/..%2f..%2f0.m4s',
    '/play/pb_show/720p/%2e%2e%2f0.m4s',
    '/play/pb_show/720p\\0.m4s',
    '/play/pb_show/720p/0.m4s%00',
    '/play/pb_show//720p/0.m4s',
    '/play//etc/passwd',
    '/play/pb_show/720p/00.m4s',
    '/play/pb_show/720p/-1.m4s',
    '/play/pb_show/720p/99999999999.m4s',
    '/play/pb_show/720P/0.m4s',
    '/play/pb_show/720p/0.m4s/',
    '/play/pb~show~x/index.m3u8',
    '/play/./index.m3u8',
    '/play/pb_show/index.json',
    '/play/pb_show/show.json',
    'http://evil.example/play/pb_show/index.m3u8',
  ])('%s does not exist, and no store was asked', async (path) => {
    origin.storage.away = true;
    origin.shows.away = true;
    const status = await new Promise<number>((resolve, reject) => {
      const asked = request({ port: origin.port, host: '127.0.0.1', path }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(404);
    expect(origin.storage.calls).toBe(0);
  });

  test('only what is meant to be asked for is answered', async () => {
    await origin.show();
    await goLive();
    expect((await origin.get('pb_show/index.m3u8', { method: 'DELETE' })).status).toBe(405);
    expect((await origin.get('pb_show/beat')).status).toBe(405);
    expect((await fetch(`${origin.base}/play/healthz`)).status).toBe(404);
    expect((await fetch(`${origin.base}/healthz`)).status).toBe(200);
  });
});

describe('the protocol', () => {
  beforeEach(async () => {
    await origin.show();
    await goLive();
  });

  test('byte ranges of media', async () => {
    const get = async (range: string) => {
      const answer = await origin.get('pb_show/720p/10.0.m4s', { headers: { range } });
      return [answer.status, answer.headers.get('content-range'), await answer.text()];
    };
    expect(await get('bytes=0-3')).toEqual([206, 'bytes 0-3/10', '720p']);
    expect(await get('bytes=-3')).toEqual([206, 'bytes 7-9/10', '.0;']);
    expect(await get('bytes=5-')).toEqual([206, 'bytes 5-9/10', '10.0;']);
    expect(await get('bytes=10-')).toEqual([416, 'bytes */10', '']);
    expect(await get('bytes=0-1,3-4')).toEqual([200, null, '720p 10.0;']);
  });

  test('HEAD has the headers of GET and no body', async () => {
    const answer = await origin.get('pb_show/720p/10.0.m4s', { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '10', '']);
  });

  test('what has not changed is not sent again', async () => {
    for (const path of ['pb_show/720p/10.0.m4s', 'pb_show/720p/media.m3u8']) {
      const etag = (await origin.get(path)).headers.get('etag') ?? '';
      const again = await origin.get(path, { headers: { 'if-none-match': etag } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
  });

  test('playlists are compressed for who can take it', async () => {
    const zipped = await new Promise<Buffer>((resolve, reject) => {
      const headers = { 'accept-encoding': 'br, gzip' };
      request({ port: origin.port, path: '/play/pb_show/720p/media.m3u8', headers }, (answer) => {
        expect(answer.headers['content-encoding']).toBe('gzip');
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
      })
        .on('error', reject)
        .end();
    });
    expectLawful(gunzipSync(zipped).toString());
    const plain = await origin.get('pb_show/720p/media.m3u8', { headers: { 'accept-encoding': 'gzip;q=0' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  test('a preflight is answered for anyone', async () => {
    const answer = await origin.get('pb_show/720p/10.0.m4s', { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });

  test('a wait that nothing comes of ends with 503 after three targets (R-58)', async () => {
    const began = performance.now();
    const answer = await origin.get('pb_show/720p/media.m3u8?_HLS_msn=10&_HLS_part=2');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(performance.now() - began).toBeGreaterThan(2900);
  });
});

describe('beats and state', () => {
  const beat = (body: string, type = 'text/plain') =>
    origin.get('pb_show/beat', { method: 'POST', body, headers: { 'content-type': type } });

  test('a beat counts a viewer, as text or as JSON, and leaving uncounts', async () => {
    await origin.show();
    expect((await beat('{"session":"viewer-one"}')).status).toBe(200);
    expect((await beat('{"session":"viewer-two"}', 'application/json')).status).toBe(200);
    expect(await origin.audience.count('pb_show')).toBe(2);
    await beat('{"session":"viewer-one","leaving":true}');
    expect(await origin.audience.count('pb_show')).toBe(1);
  });

  test.each(['', '{}', '{"session":"short"}', 'no json', `{"session":"${'x'.repeat(3000)}"}`])(
    'the beat %s is refused',
    async (body) => {
      await origin.show();
      expect((await beat(body)).status).toBe(400);
    },
  );

  const state = async () => (await origin.get('pb_show/state')).json();

  test('a show waits until it is opened, is live, and ends', async () => {
    await origin.show({ state: 'scheduled', startsAt: '2030-01-01T20:00:00.000Z' });
    expect(await state()).toMatchObject({ state: 'waiting', startsAt: '2030-01-01T20:00:00.000Z', playable: false });
    expect((await origin.get('pb_show/index.m3u8')).status).toBe(404);
  });

  test('a slate alone does not open a show, a source does, and so does the backend', async () => {
    await origin.show({ state: 'backstage' });
    origin.record({ shows: 'slate' });
    await origin.live(0, 3);
    expect(await state()).toMatchObject({ state: 'waiting', playable: true });
    await origin.stop();
    origin = await startTestOrigin();
    await origin.show({ state: 'backstage' });
    origin.record({ shows: 'source' });
    await origin.live(0, 3);
    expect(await state()).toMatchObject({ state: 'live', playable: true });
    origin.end(4);
    expect(await state()).toMatchObject({ state: 'ended', playable: true });
  });
});

describe('a recording', () => {
  test('plays under the same address once the feed is gone, from the start, and cannot be asked for parts', async () => {
    await origin.show({ state: 'ended' });
    await goLive();
    origin.end(11);
    await finalizeRecording({ storage: origin.storage, feed: origin.feed, clock: origin.clock }, SHOW);
    origin.feed.remove(SHOW.playbackId);
    const read = expectLawful(await (await origin.get('pb_show/720p/media.m3u8')).text());
    expect([read.vod, read.ended, read.segments.length]).toEqual([true, true, 11]);
    expect((await origin.get('pb_show/index.m3u8')).status).toBe(200);
    expect(await (await origin.get('pb_show/720p/4.m4s')).text()).toBe('stored 720p 4');
    expect(await (await origin.get('pb_show/720p/10.m4s')).text()).toBe('720p 10.0;720p 10.1;');
    expect((await origin.get('pb_show/720p/10.0.m4s')).status).toBe(404);
    expect(await (await origin.get('pb_show/state')).json()).toMatchObject({ state: 'ended', playable: true });
  });

  test('storage that is away is said to be, with a time to come back', async () => {
    await origin.show({ state: 'ended' });
    origin.storage.away = true;
    const answer = await origin.get('pb_show/index.m3u8');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await answer.text()).not.toContain('Error');
  });
});
