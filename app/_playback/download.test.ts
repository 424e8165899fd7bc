import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mediaKeys } from '#core/playback/live-feed';
import { eventually, SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';
import { disposition } from './send-stored.ts';

const MIB = 1024 * 1024;
const FILE = Uint8Array.from({ length: 3 * MIB + 77 }, (_, i) => (i * 31 + (i >> 8)) & 255);
let origin: TestOrigin;
beforeEach(async () => {
  origin = await startTestOrigin();
  await origin.show({ state: 'ended', title: 'Café: 10 "great" songs' });
  await origin.storage.put(mediaKeys.recording(SHOW.playbackId), FILE, 'video/mp4');
});
afterEach(() => origin.stop());

const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

describe('the file of a recording', () => {
  test('is sent whole, under the title of the show', async () => {
    const answer = await origin.get('pb_show/recording.mp4?download');
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(FILE.length)]);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="Cafe 10 great songs.mp4"; filename*=UTF-8''Caf%C3%A9%2010%20great%20songs.mp4`,
    );
    expect(Buffer.compare(await bytesOf(answer), FILE)).toBe(0);
  });

  test('plays in the page when it is not asked for as a download', async () => {
    const answer = await origin.get('pb_show/recording.mp4', { method: 'HEAD' });
    expect(answer.headers.get('content-disposition')).toMatch(/^inline; /);
    expect([answer.headers.get('accept-ranges'), answer.headers.get('content-length')]).toEqual([
      'bytes',
      String(FILE.length),
    ]);
  });

  test('is sent by ranges, over the borders of the pieces it is read in', async () => {
    const get = async (range: string) => {
      const answer = await origin.get('pb_show/recording.mp4', { headers: { range } });
      return { status: answer.status, range: answer.headers.get('content-range'), bytes: await bytesOf(answer) };
    };
    const middle = await get(`bytes=${MIB - 2}-${2 * MIB + 1}`);
    expect([middle.status, middle.range]).toEqual([206, `bytes ${MIB - 2}-${2 * MIB + 1}/${FILE.length}`]);
    expect(Buffer.compare(middle.bytes, FILE.subarray(MIB - 2, 2 * MIB + 2))).toBe(0);
    expect((await get('bytes=-5')).bytes).toEqual(FILE.slice(-5));
    expect((await get(`bytes=${FILE.length}-`)).status).toBe(416);
  });

  test('is cut when storage fails in the middle, so that nobody takes a half for the whole', async () => {
    const { get } = origin.storage;
    let asked = 0;
    origin.storage.get = (key, range) => (++asked > 2 ? Promise.reject(new Error('away')) : get(key, range));
    const answer = await origin.get('pb_show/recording.mp4');
    expect(answer.status).toBe(200);
    await expect(bytesOf(answer)).rejects.toThrow();
  });

  test('is read no faster than the client takes it, and no further once the client is gone', async () => {
    await origin.storage.put(mediaKeys.recording(SHOW.playbackId), new Uint8Array(64 * MIB), 'video/mp4');
    const before = origin.storage.calls;
    const socket = connect(origin.port, '127.0.0.1');
    socket.pause();
    socket.write('GET /play/pb_show/recording.mp4 HTTP/1.1\r\nhost: x\r\n\r\n');
    let seen = -1;
    // Until nothing more is read: what fits into the buffers of the connection.
    await eventually(async () => {
      const calls = origin.storage.calls;
      await new Promise((resolve) => setTimeout(resolve, 100));
      const still = calls === origin.storage.calls && calls > before + 1;
      seen = calls;
      return still;
    }, 10_000);
    expect(seen - before).toBeLessThan(40);
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(origin.storage.calls - seen).toBeLessThanOrEqual(1);
  });

  test('that is not made yet is said to be missing', async () => {
    const answer = await origin.get('pb_show/recording.m4a');
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'no-file' } }]);
  });

  test('of a show for members needs a grant', async () => {
    await origin.show({ state: 'ended', visibility: 'members', version: 2 });
    expect((await origin.get('pb_show/recording.mp4')).status).toBe(403);
  });
});

describe('pictures of a show', () => {
  test('the storyboard and its sheets', async () => {
    await origin.storage.put(mediaKeys.storyboardTrack(SHOW.playbackId), Buffer.from('WEBVTT\n'), 'text/vtt');
    await origin.storage.put(mediaKeys.storyboard(SHOW.playbackId, 1), Buffer.from('jpeg'), 'image/jpeg');
    const track = await origin.get('pb_show/storyboard.vtt');
    expect([track.status, track.headers.get('content-type'), await track.text()]).toEqual([
      200,
      'text/vtt',
      'WEBVTT\n',
    ]);
    const sheet = await origin.get('pb_show/storyboard-1.jpg');
    expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect((await origin.get('pb_show/storyboard-0.jpg')).status).toBe(404);
    expect((await origin.get('pb_show/storyboard-01.jpg')).status).toBe(404);
  });

  test('a live one may be kept for seconds, one of an ended show for an hour', async () => {
    await origin.storage.put(mediaKeys.storyboardTrack(SHOW.playbackId), Buffer.from('WEBVTT\n'), 'text/vtt');
    expect((await origin.get('pb_show/storyboard.vtt')).headers.get('cache-control')).toBe('public, max-age=3600');
  });
});

describe('the name a file is saved under', () => {
  test.each([
    ['../../etc/passwd', 'attachment; filename="etc passwd.mp4"'],
    ['日本の夜', 'attachment; filename="recording.mp4"'],
    ['', 'attachment; filename="recording.mp4"'],
    [`${'x'.repeat(99)}\u{1f3b8}\ud800`, `attachment; filename="${'x'.repeat(99)}.mp4"`],
    ['a\r\nset-cookie: x', 'attachment; filename="a set-cookie x.mp4"'],
  ])('%j', (title, plain) => {
    const header = disposition('attachment', title, '.mp4');
    expect(header.startsWith(plain)).toBe(true);
    expect(header).toMatch(/^[\x20-\x7e]+$/);
  });
});
