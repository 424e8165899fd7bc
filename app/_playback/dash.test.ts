import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mediaKeys } from '#core/playback/live-feed';
import { readPlaylist } from '#core/playback/playlist-rules.contract';
import { finalizeRecording } from '#core/recording/finalize-recording';
import { eventually, SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';

let origin: TestOrigin;
beforeEach(async () => {
  origin = await startTestOrigin();
  await origin.show();
});
afterEach(() => origin.stop());

const text = async (path: string) => (await origin.get(`pb_show/${path}`)).text();

describe('DASH', () => {
  test('has a dynamic manifest of the same files, which a player may ask for each second', async () => {
    origin.record();
    await origin.live(0, 9, 2);
    const answer = await origin.get('pb_show/manifest.mpd');
    expect(answer.headers.get('content-type')).toBe('application/dash+xml');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=1');
    const mpd = await answer.text();
    expect(mpd).toContain('type="dynamic"');
    expect(mpd).toContain('startNumber="0"');
    expect(mpd).toContain('r="9"/>');
    const again = await origin.get('pb_show/manifest.mpd', {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    await origin.live(10, 10);
    await eventually(async () => (await text('manifest.mpd')).includes('r="10"/>'));
  });

  test("tells the origin's clock", async () => {
    const answer = await origin.get('pb_show/time');
    expect(await answer.text()).toBe(origin.clock.now().toISOString());
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('is static after the end, and out of storage the same files', async () => {
    origin.record();
    await origin.live(0, 9);
    origin.end(9);
    await eventually(async () => (await text('manifest.mpd')).includes('type="static"'));
    await finalizeRecording(origin, SHOW);
    const stored = Buffer.from((await origin.storage.get(mediaKeys.dashManifest(SHOW.playbackId))) ?? '').toString();
    expect(stored).toContain('type="static" mediaPresentationDuration="PT10S"');
    expect(stored).toContain('r="9"/>');
  });

  test('there is none before the show begins', async () => {
    expect((await origin.get('pb_show/manifest.mpd')).status).toBe(404);
  });
});

describe('a rung that is off', () => {
  const both = [
    {
      id: '720p',
      kind: 'video' as const,
      codecs: 'avc1.4d401f',
      width: 1280,
      height: 720,
      fps: 30,
      bandwidth: 3_000_000,
    },
    { id: '360p', kind: 'video' as const, codecs: 'avc1.4d401f', width: 640, height: 360, fps: 30, bandwidth: 900_000 },
    { id: 'audio', kind: 'audio' as const, codecs: 'mp4a.40.2', bandwidth: 128_000 },
  ];

  test('is not offered and says so, and is back when it is on again', async () => {
    const off = both.map((one) => (one.id === '360p' ? { ...one, on: false } : one));
    origin.record({ renditions: off });
    await origin.live(0, 4, 2);
    const list = await origin.get('pb_show/index.m3u8');
    expect(list.headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1');
    expect(await list.text()).not.toContain('360p');
    const answer = await origin.get('pb_show/360p/media.m3u8');
    expect([answer.status, (await answer.json()).error.code]).toEqual([404, 'rendition-paused']);
    expect(await text('720p/media.m3u8')).not.toContain('../360p/');
    expect(await text('manifest.mpd')).not.toContain('id="360p"');

    origin.record({ renditions: both });
    for (let m = 0; m < 5; m++) origin.part(m, 0, ['360p']);
    let m = 5;
    await eventually(async () => {
      await origin.live(m, m);
      m++;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return (await text('index.m3u8')).includes('360p/media.m3u8');
    }, 8000);
  });
});

describe('the standard latency mode', () => {
  test('lists whole segments only, says how far back to sit, and lets caches keep the list', async () => {
    origin.record({ latency: 'standard', segmentMs: 4000, partMs: 1000 });
    await origin.live(0, 9, 2);
    const answer = await origin.get('pb_show/720p/media.m3u8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=2');
    const list = await answer.text();
    expect(list).toContain('#EXT-X-TARGETDURATION:4\n#EXT-X-SERVER-CONTROL:HOLD-BACK=12.0,CAN-SKIP-UNTIL=24.0\n');
    expect(list).not.toMatch(/EXT-X-PART|PRELOAD-HINT|RENDITION-REPORT/);
    expect(readPlaylist(list).segments.length).toBe(10);
    expect((await origin.get('pb_show/720p/10.0.m4s')).status).toBe(404);
    expect((await origin.get('pb_show/720p/9.m4s')).status).toBe(200);
  });
});
