import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { mediaKeys } from '#core/playback/live-feed';
import { expectLawful, readPlaylist } from '#core/playback/playlist-rules.contract';
import { eventually, SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';

let origin: TestOrigin;
beforeEach(async () => {
  origin = await startTestOrigin();
  await origin.show();
});
afterEach(() => origin.stop());
afterEach(() => void vi.useRealTimers());

/** A show that runs: segments 0 to 9 and two parts of segment 10. */
async function goLive(): Promise<void> {
  origin.record();
  await origin.live(0, 9, 2);
}
const media = (query = '') => origin.get(`pb_show/720p/media.m3u8${query}`);

describe('a live show', () => {
  test('has a multivariant playlist with its sound as a group', async () => {
    await goLive();
    const answer = await origin.get('pb_show/index.m3u8');
    expect(answer.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    expect(await answer.text()).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/media.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=3128000,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO="sound"',
        '720p/media.m3u8',
        '',
      ].join('\n'),
    );
  });

  test('has a lawful media playlist that ends at the newest part', async () => {
    await goLive();
    const answer = await media();
    const read = expectLawful(await answer.text());
    expect([read.segments.length, read.open.length, read.hint]).toEqual([10, 2, '10.2.m4s']);
    expect(read.reports).toEqual(['#EXT-X-RENDITION-REPORT:URI="../audio/media.m3u8",LAST-MSN=10,LAST-PART=1']);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('gives its first list when there is a whole segment in it, since old players know no parts', async () => {
    origin.record();
    await origin.live(0, -1, 2);
    const waiting = media();
    let answered = false;
    void waiting.then(() => {
      answered = true;
    });
    await eventually(async () => (await metric('openair_playback_waits')) === 1);
    expect(answered).toBe(false);
    await origin.live(0, 0, 1);
    expect(readPlaylist(await (await waiting).text()).segments.length).toBe(1);
  });

  test.each(['index.m3u8', 'manifest.mpd'])(
    'is asked for %s when only its sound has begun: the answer comes when every rung has',
    async (file) => {
      origin.record();
      origin.part(0, 0, ['audio']);
      const asked = Array.from({ length: 5 }, () => origin.get(`pb_show/${file}`));
      await eventually(async () => (await metric('openair_playback_waits')) === 1);
      await origin.live(0, 0);
      for (const answer of await Promise.all(asked)) {
        expect(answer.status).toBe(200);
        expect(await answer.text()).toContain('720p');
      }
    },
  );

  test('is found by who was told a moment ago that it has not begun', async () => {
    expect((await origin.get('pb_show/index.m3u8')).status).toBe(404);
    await goLive();
    expect((await origin.get('pb_show/index.m3u8')).status).toBe(200);
  });

  test('does not let anyone wait for ever for a rung that never begins', async () => {
    origin.record();
    origin.part(0, 0, ['audio']);
    const [list, rung] = await Promise.all([origin.get('pb_show/index.m3u8'), media()]);
    expect([list.status, list.headers.get('retry-after'), (await list.json()).error.code]).toEqual([
      503,
      '1',
      'no-new-part',
    ]);
    expect([rung.status, (await rung.json()).error.code]).toEqual([503, 'not-begun']);
  });

  test('answers a blocking reload when the part is there, once for many', async () => {
    await goLive();
    await media();
    const waiting = Array.from({ length: 30 }, () => media('?_HLS_msn=10&_HLS_part=2'));
    let answered = 0;
    for (const each of waiting) void each.then(() => answered++);
    await eventually(async () => (await metric('openair_playback_waits')) === 1);
    expect(answered).toBe(0);
    origin.part(10, 2);
    const texts = await Promise.all(waiting.map(async (each) => (await each).text()));
    expect(new Set(texts).size).toBe(1);
    expect(readPlaylist(texts[0] ?? '').open.length).toBe(3);
    expect((await waiting[0])?.headers.get('cache-control')).toBe('public, max-age=6');
  });

  test('answers a blocking request for the hinted part, with the bytes of the part', async () => {
    await goLive();
    await media();
    const asked = origin.get('pb_show/720p/10.2.m4s');
    await eventually(async () => (await metric('openair_playback_waits')) === 1);
    origin.part(10, 2);
    const answer = await asked;
    expect(await answer.text()).toBe('720p 10.2;');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, s-maxage=25, immutable');
  });

  test('takes a part past the end of its segment as the first of the next one', async () => {
    await goLive();
    const asked = media('?_HLS_msn=10&_HLS_part=5');
    for (const p of [2, 3, 4]) origin.part(10, p);
    await origin.close(10);
    origin.part(11, 0);
    expect(readPlaylist(await (await asked).text()).hint).toBe('11.1.m4s');
  });

  test('shows the part that fills its segment together with the closed segment, so that the hint is true', async () => {
    await goLive();
    await media();
    const asked = media('?_HLS_msn=10&_HLS_part=4');
    await eventually(async () => (await metric('openair_playback_waits')) === 1);
    for (const p of [2, 3, 4]) origin.part(10, p);
    await origin.close(10);
    expect(readPlaylist(await (await asked).text()).hint).toBe('11.0.m4s');
  });

  test('a delta update leaves out what lies further back than six targets', async () => {
    await goLive();
    const read = readPlaylist(await (await media('?_HLS_skip=YES')).text());
    expect([read.skipped, read.segments[0]?.msn]).toEqual([4, 4]);
  });

  test('a delta update tells of the other renditions what its full list tells, though they went on meanwhile', async () => {
    await goLive();
    const full = readPlaylist(await (await media()).text());
    origin.part(10, 2, ['audio']);
    const audio = async () => readPlaylist(await (await origin.get('pb_show/audio/media.m3u8')).text());
    await eventually(async () => (await audio()).open.length === 3);
    expect(readPlaylist(await (await media('?_HLS_skip=YES')).text()).reports).toEqual(full.reports);
    origin.part(10, 2, ['720p']);
    await eventually(async () => readPlaylist(await (await media()).text()).open.length === 3);
    expect(readPlaylist(await (await media()).text()).reports[0]).toContain('LAST-MSN=10,LAST-PART=2');
  });

  test.each([
    ['?_HLS_msn=13', 'two segments past the edge'],
    ['?_HLS_msn=10&_HLS_part=17', 'past the part limit'],
    ['?_HLS_part=3', 'a part of no segment'],
    ['?_HLS_msn=x', 'no number'],
    ['?_HLS_msn=010', 'a second spelling of a number'],
  ])('refuses %s at once: %s (R-58)', async (query) => {
    await goLive();
    const answer = await media(query);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    '720p/99.m4s',
    '720p/12.0.m4s',
    '720p/10.9.m4s',
    '480p/media.m3u8',
    '480p/1.m4s',
    '720p/init-9.mp4',
    'thumb.jpg',
  ])('does not have %s, and says so at once', async (path) => {
    await goLive();
    expect((await origin.get(`pb_show/${path}`)).status).toBe(404);
  });

  test('a new segment is joined from its parts without asking storage, an old one comes from storage once', async () => {
    await goLive();
    await media();
    const before = origin.storage.calls;
    const recent = await origin.get('pb_show/720p/9.m4s');
    expect(await recent.text()).toBe('720p 9.0;720p 9.1;720p 9.2;720p 9.3;720p 9.4;');
    expect(origin.storage.calls).toBe(before);
    await origin.live(10, 49);
    await eventually(async () => readPlaylist(await (await media()).text()).segments.length === 50);
    const old = await Promise.all(Array.from({ length: 20 }, () => origin.get('pb_show/720p/0.m4s')));
    expect(await old[0]?.text()).toBe('stored 720p 0');
    expect(origin.storage.calls - before - 80).toBe(1);
  });

  test('gives init segments by epoch', async () => {
    await goLive();
    expect(await (await origin.get('pb_show/audio/init-1.mp4')).text()).toBe('init audio');
  });

  test('an origin that starts in the middle shows the same as one that was there (R-57)', async () => {
    await goLive();
    const first = await (await media()).text();
    const another = await origin.startAnother();
    expect(await (await origin.get('pb_show/720p/media.m3u8', {}, another.base)).text()).toBe(first);
    await another.stop();
  });

  test('after the end those who reload get the end mark at once, those who come get the whole show', async () => {
    await goLive();
    const asked = media('?_HLS_msn=10&_HLS_part=2');
    await eventually(async () => (await metric('openair_playback_waits')) === 1);
    origin.end(10);
    expect(readPlaylist(await (await asked).text()).ended).toBe(true);
    const whole = expectLawful(await (await media()).text());
    expect([whole.vod, whole.ended]).toEqual([true, true]);
    expect((await origin.get('pb_show/720p/11.0.m4s')).status).toBe(404);
    expect(readPlaylist(await (await media('?_HLS_msn=99')).text()).ended).toBe(true);
  });

  test('goes on with what is in memory while feed and storage are away', async () => {
    await goLive();
    const text = await (await media()).text();
    origin.feed.away = true;
    origin.storage.away = true;
    origin.shows.away = true;
    expect(await (await media()).text()).toBe(text);
    expect((await origin.get('pb_show/720p/9.m4s')).status).toBe(200);
    expect((await origin.get('pb_show/thumb.jpg')).status).toBe(503);
  });

  test('R-51: is played out of storage after the feed could not be asked for a while, and live again when it can', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    await goLive();
    const isLive = async () => (await (await media()).text()).includes('#EXT-X-PART:');
    expect(await isLive()).toBe(true);
    const record = await origin.feed.record(SHOW.playbackId);
    const row = (m: number) => ({ e: 1, m, d: 90_000, w: m * 1000, x: false, s: 1 });
    // The engine goes on, and says so in storage alone.
    const segments = Array.from({ length: 21 }, (_, m) => row(m));
    for (const rendition of record?.renditions ?? []) {
      const index = Buffer.from(JSON.stringify({ v: 1, rendition, ended: false, segments }));
      await origin.storage.put(mediaKeys.index(SHOW.playbackId, rendition.id), index, 'application/json');
    }
    const passes = (ms: number) => {
      vi.advanceTimersByTime(ms);
      origin.feed.wake();
    };
    origin.feed.away = true;
    passes(9000);
    expect(await isLive()).toBe(true);
    passes(3000);
    await eventually(async () => !(await isLive()));
    const stored = expectLawful(await (await media()).text());
    expect(stored.ended).toBe(false);
    expect(stored.segments.at(-1)).toMatchObject({ uri: '20.m4s' });
    origin.feed.away = false;
    await eventually(async () => {
      passes(1000);
      return isLive();
    });
  });

  test('an idle reader is dropped and comes back with the next request', async () => {
    const idle = await startTestOrigin({ idleMs: 30 });
    await idle.show();
    idle.record();
    await idle.live(0, 3);
    await idle.get('pb_show/720p/media.m3u8');
    expect(idle.feed.followers).toBe(1);
    await eventually(() => idle.feed.followers === 0);
    expect((await idle.get('pb_show/720p/media.m3u8')).status).toBe(200);
    await idle.stop();
  });
});

/** Value of one figure of the origin. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${origin.base}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}
