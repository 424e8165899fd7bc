import { createHmac } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Grant, playPath, signGrant, siteMark } from '#core/playback/playback-grant';
import { eventually, SHOW, startTestOrigin, type TestOrigin } from './fixtures/test-origin.contract.ts';

let origin: TestOrigin;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  origin = await startTestOrigin({}, pino({ level: 'trace' }, stream));
  await origin.show({ visibility: 'members' });
  origin.record();
  await origin.live(0, 9, 2);
});
afterEach(() => origin.stop());

const nowS = () => Math.floor(origin.clock.now().getTime() / 1000);

function granted(change: Partial<Grant> = {}): string {
  const grant = { expiresAtS: nowS() + 600, renewUntilS: nowS() + 7200, epoch: 0, viewer: 'usr_1', ...change };
  return playPath(SHOW.playbackId, signGrant(origin.signGrant, SHOW.playbackId, grant)).slice('/play/'.length);
}
const status = async (path: string, headers: Record<string, string> = {}) =>
  (await origin.get(`${path}/720p/9.m4s`, { headers })).status;
const renew = (path: string) => origin.get(`${path}/renew`, { method: 'POST' });

describe('renewing a grant', () => {
  test('one that holds gives the next one, which plays when the first has ended', async () => {
    const first = granted();
    const answer = await renew(first);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const next = await answer.json();
    expect(next.expiresInS).toBe(600);
    origin.pass(590_000);
    const later = await (await renew(`pb_show~${next.grant}`)).json();
    origin.pass(20_000);
    expect(await status(first)).toBe(403);
    expect(await status(`pb_show~${later.grant}`)).toBe(200);
  });

  test('one that still lasts longer than a new one would is answered with as long a life', async () => {
    const long = granted({ expiresAtS: nowS() + 3600 });
    const next = await (await renew(long)).json();
    expect(next.expiresInS).toBe(3600);
    const same = await (await renew(granted())).json();
    expect(same.expiresInS).toBe(600);
  });

  test('it is not renewed past the time its holder was given, nor when it was given none', async () => {
    const short = granted({ renewUntilS: nowS() + 700 });
    origin.pass(500_000);
    const last = await (await renew(short)).json();
    expect(last.expiresInS).toBe(200);
    const over = await renew(`pb_show~${last.grant}`);
    expect([over.status, (await over.json()).error.code]).toEqual([409, 'grant-not-renewable']);
    expect((await renew(granted({ renewUntilS: 0 }))).status).toBe(409);
  });

  test('one that does not hold gives nothing', async () => {
    const old = granted();
    origin.pass(601_000);
    expect((await renew(old)).status).toBe(403);
    expect((await renew('pb_show')).status).toBe(403);
    expect((await renew(`${granted().slice(0, -1)}!`)).status).toBe(404);
    expect((await origin.get(`${granted()}/renew`)).status).toBe(405);
  });

  test('a show for everyone needs none', async () => {
    await origin.show({ visibility: 'public', version: 2 });
    await eventually(async () => (await status('pb_show')) === 200, 5000);
    expect((await renew('pb_show')).status).toBe(409);
  });
});

describe('somebody who is sent away', () => {
  test('is gone within 5 s, with every grant, and gets no new one; others watch on', async () => {
    const [first, second, other] = [granted(), granted({ expiresAtS: nowS() + 60 }), granted({ viewer: 'usr_2' })];
    expect([await status(first), await status(second), await status(other)]).toEqual([200, 200, 200]);
    await origin.revocations.revoke(SHOW.playbackId, 'usr_1');
    await eventually(async () => (await status(first)) === 403, 5000);
    expect([await status(second), (await renew(first)).status, await status(other)]).toEqual([403, 403, 200]);
    const refused = await origin.get(`${first}/state`);
    expect((await refused.json()).error.code).toBe('grant-revoked');
    await origin.revocations.allow(SHOW.playbackId, 'usr_1');
    await eventually(async () => (await status(first)) === 200, 5000);
  });

  test('stays away while the list of those sent away cannot be read', async () => {
    const path = granted();
    await origin.revocations.revoke(SHOW.playbackId, 'usr_1');
    await eventually(async () => (await status(path)) === 403, 5000);
    origin.revocations.away = true;
    const other = granted({ viewer: 'usr_2' });
    await eventually(async () => {
      await status(other);
      return logged.some((line) => line.includes('"msg":"playback"'));
    }, 5000);
    expect([await status(path), await status(other)]).toEqual([403, 200]);
  });

  test('a reload that waited when it happened is the last one', async () => {
    const path = granted();
    const waiting = origin.get(`${path}/720p/media.m3u8?_HLS_msn=10&_HLS_part=2`);
    await origin.revocations.revoke(SHOW.playbackId, 'usr_1');
    await eventually(async () => (await status(path)) === 403, 5000);
    origin.part(10, 2);
    await waiting;
    expect((await origin.get(`${path}/720p/media.m3u8?_HLS_msn=10&_HLS_part=3`)).status).toBe(403);
  });
});

describe('a grant for the pages of one site', () => {
  test('plays there, whichever of the two headers the browser sends, and nowhere else', async () => {
    const path = granted({ site: siteMark(origin.signGrant, 'example.org') });
    expect(await status(path, { origin: 'https://example.org' })).toBe(200);
    expect(await status(path, { origin: 'https://EXAMPLE.org:8443' })).toBe(200);
    expect(await status(path, { referer: 'https://example.org/' })).toBe(200);
    for (const elsewhere of [
      'https://evil.example',
      'https://example.org.evil.example',
      'https://notexample.org',
      'null',
    ]) {
      expect(await status(path, { origin: elsewhere }), elsewhere).toBe(403);
    }
    expect(await status(path, { origin: 'https://evil.example', referer: 'https://example.org/' })).toBe(403);
    expect(await status(path)).toBe(403);
  });

  test('stays bound when it is renewed', async () => {
    const path = granted({ site: siteMark(origin.signGrant, 'example.org') });
    const headers = { origin: 'https://example.org' };
    const next = await (await origin.get(`${path}/renew`, { method: 'POST', headers })).json();
    expect(await status(`pb_show~${next.grant}`, headers)).toBe(200);
    expect(await status(`pb_show~${next.grant}`, { origin: 'https://evil.example' })).toBe(403);
  });
});

describe('what could give a grant away', () => {
  test('no log line has one, nor an answer beside the one that gives it; a grant of another key is forged', async () => {
    const path = granted();
    const text = path.slice('pb_show~'.length);
    const foreign = signGrant(
      (given) => createHmac('sha256', 'other').update(given).digest('base64url'),
      SHOW.playbackId,
      {
        expiresAtS: nowS() + 600,
        epoch: 0,
        viewer: 'usr_1',
      },
    );
    origin.storage.away = true;
    const answers: string[] = [];
    for (const file of [
      '720p/9.m4s',
      'thumb.jpg',
      'recording.mp4',
      'index.m3u8',
      '720p/media.m3u8',
      'manifest.mpd',
      'state',
    ]) {
      for (const one of [text, `${text}x`, foreign]) {
        const answer = await origin.get(`pb_show~${one}/${file}`);
        answers.push(await answer.text(), JSON.stringify([...answer.headers]));
        if (one === foreign) expect(answer.status, file).toBe(403);
      }
    }
    answers.push(await (await fetch(`${origin.base}/metrics`)).text());
    expect(logged.length).toBeGreaterThan(0);
    const signatures = [text, foreign].map((one) => one.slice(-43));
    for (const line of [...logged, ...answers]) {
      for (const signature of signatures) expect(line).not.toContain(signature);
    }
  });
});
