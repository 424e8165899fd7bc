import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EgressStatus, SegmentedFileOutput } from '@livekit/protocol';
import { dispose } from '@livekit/rtc-node';
import { AccessToken, EgressClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makePlayable } from '../../infra/bench/lib/direct-egress.ts';
import { eventually, openInstall } from '../../infra/bench/lib/install.ts';
import { enterRoom } from '../../infra/bench/lib/room-person.ts';
import { collectShow } from '../../infra/bench/sync/collect.ts';
import { lipSync } from '../../infra/bench/sync/compare.ts';
import { readBeeps, readPictures } from '../../infra/bench/sync/read-media.ts';
import { FLASHING, TEMPLATE } from './fixtures/pages.ts';
import { servePages } from './pipeline/source/page/fixtures/show-page.ts';

/** Pages drawn in Chromium, asked for by livekit-server-sdk and seen in what viewers of the show get. */
const install = openInstall();
const { env } = install;
const { LIVEKIT_URL = '', LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '' } = env;
const egress = new EgressClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const client = readFileSync(createRequire(import.meta.url).resolve('livekit-client'), 'utf8');

let pages: Awaited<ReturnType<typeof servePages>>;
const started: string[] = [];
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  pages = await servePages({
    '/flash': { body: FLASHING },
    '/template': { body: TEMPLATE },
    '/livekit-client.js': { body: client, headers: { 'content-type': 'text/javascript' } },
    '/joined': { body: '' },
  });
});
afterEach(async () => {
  for (const egressId of started.splice(0)) await egress.stopEgress(egressId).catch(() => undefined);
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => {
  pages.close();
  await dispose();
});

const newId = (kind: string) => `${kind}_page${Math.random().toString(36).slice(2)}`;
const infoOf = async (egressId: string) => (await egress.listEgress({ egressId }))[0];
const show = async () => {
  const playbackId = newId('pb');
  await makePlayable(install, playbackId);
  const segments = new SegmentedFileOutput({
    filenamePrefix: `media/${playbackId}/`,
    playlistName: 'index.m3u8',
    segmentDuration: 1,
  });
  return { segments, index: `${env.OPENAIR_PLAYBACK_URL}/play/${playbackId}/index.m3u8` };
};
async function isActive(egressId: string): Promise<void> {
  await eventually('the egress is active', async () => {
    const info = await infoOf(egressId);
    if (info?.error) throw new Error(info.error);
    return info?.status === EgressStatus.EGRESS_ACTIVE;
  });
}

/** What viewers got in the present window. */
async function look(index: string) {
  const collected = await collectShow(index);
  try {
    const pictures = await readPictures(collected.video[0]?.file ?? '');
    const beeps = await readBeeps(collected.audio);
    return { pictures, beeps, lateMs: lipSync(pictures, beeps) };
  } finally {
    collected.remove();
  }
}

/** Main process of the Chromium that draws for this egress. */
function chromiumOf(egressId: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .find((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(`openair-page-${egressId}-`) && !line.includes('--type=');
      } catch {
        return false;
      }
    });
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a web egress shows what the page draws and plays, in step, and comes back when Chromium is killed', async () => {
  const { segments, index } = await show();
  const { egressId, sourceType } = await egress.startWebEgress(`${pages.origin}/flash`, { segments });
  started.push(egressId);
  expect(sourceType).toBe(0);
  await isActive(egressId);
  // Chromium paints by software here, some flashes later than others, most of all while it begins: the middle one of six in a row tells
  // whether sound is labelled right.
  let late: number[] = [];
  const six = await eventually('six flashes in a row with their beeps in step', async () => {
    const now = await look(index);
    late = now.lateMs;
    const sorted = late.slice(-6).toSorted((a, b) => a - b);
    return sorted.length === 6 && Math.abs(sorted[3] ?? Number.NaN) < 45 && now;
  });
  console.log(`sound later than picture, ms: ${late.map((ms) => ms.toFixed(0)).join(' ')}`);

  process.kill(chromiumOf(egressId) ?? 0, 'SIGKILL');
  const killedS = six.pictures.at(-1)?.atS ?? 0;
  const again = await eventually('three flashes after the slate', async () => {
    const seen = await look(index);
    const flashes = seen.pictures.filter(
      ({ white, atS }, i) => white && atS > killedS + 3 && !seen.pictures[i - 1]?.white,
    );
    return flashes.length >= 3 && seen;
  });
  expect(again.lateMs.length).toBeGreaterThan(2);

  // The engine's own process: its Chromium goes with it, the next one opens the page again.
  const orphan = chromiumOf(egressId) ?? 0;
  process.kill(parentOf(orphan), 'SIGKILL');
  await eventually('the orphan is gone and another one draws', async () => {
    const now = chromiumOf(egressId);
    return now !== undefined && now !== orphan && !isRunning(orphan);
  });
  expect((await infoOf(egressId))?.status).toBe(EgressStatus.EGRESS_ACTIVE);
  await egress.stopEgress(egressId);
  await eventually('the end', async () => (await infoOf(egressId))?.status === EgressStatus.EGRESS_COMPLETE);
  expect(chromiumOf(egressId)).toBeUndefined();
}, 180_000);

/** Somebody in the room whose picture is white in its lower part. */
async function publishWhite(roomName: string): Promise<void> {
  const token = new AccessToken(LIVEKIT_API_KEY, LIVEKIT_API_SECRET, { identity: 'host_white' });
  token.addGrant({ room: roomName, roomJoin: true, canPublish: true });
  const [width, height] = [640, 360];
  const person = await enterRoom(LIVEKIT_URL.replace(/^http/, 'ws'), await token.toJwt(), {
    size: { width, height },
    fps: 20,
    paint: (luma) => luma.fill(128).fill(230, (width * height) / 2),
    silent: true,
  });
  stops.push(person.leave);
}

test('a template joins the room by its token, shows who is there by WebRTC, and ends the egress with the room', async () => {
  const roomName = newId('room');
  await rooms.createRoom({ name: roomName, emptyTimeout: 120 });
  const { segments, index } = await show();
  const options = { layout: 'speaker-dark', customBaseUrl: `${pages.origin}/template?theme=blue` };
  const { egressId } = await egress.startRoomCompositeEgress(roomName, { segments }, options);
  started.push(egressId);
  const joined = await eventually('the template joins', async () =>
    pages.asked.find((path) => /^\/(joined|failed)/.test(path)),
  );
  expect(Object.fromEntries(new URL(joined, pages.origin).searchParams)).toEqual({
    room: roomName,
    identity: egressId,
    layout: 'speaker-dark',
    theme: 'blue',
  });
  // It has shown nothing yet, so nothing has begun.
  expect((await infoOf(egressId))?.status).toBe(EgressStatus.EGRESS_STARTING);
  await publishWhite(roomName);
  await isActive(egressId);
  await eventually('the host in the template', async () => (await look(index)).pictures.at(-1)?.white);
  await rooms.deleteRoom(roomName);
  const ended = await eventually('the end', async () => {
    const info = await infoOf(egressId);
    return info?.status === EgressStatus.EGRESS_COMPLETE && info;
  });
  expect(ended.details).toBe('End reason: Source closed');
}, 120_000);

test('a page that is waited for can be stopped before it begins, as LiveKit reports it', async () => {
  const { segments } = await show();
  const url = `${pages.origin}/flash`;
  const { egressId } = await egress.startWebEgress(url, { segments }, { awaitStartSignal: true });
  await eventually(
    'the page is drawn',
    async () => chromiumOf(egressId) !== undefined && pages.asked.includes('/flash'),
  );
  await egress.stopEgress(egressId);
  const ended = await eventually('the end', async () => {
    const info = await infoOf(egressId);
    return info && info.status > EgressStatus.EGRESS_ENDING && info;
  });
  expect([ended.status, ended.errorCode]).toEqual([EgressStatus.EGRESS_ABORTED, 412]);
  await eventually('Chromium is gone', async () => chromiumOf(egressId) === undefined);
}, 60_000);

test('private addresses, our own ports and unknown hosts are refused at once, each with its reason', async () => {
  const output = await show();
  const refusal = (url: string) =>
    egress.startWebEgress(url, output).then(
      ({ egressId }) => `accepted as ${egressId}`,
      ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
    );
  expect(await refusal('http://169.254.169.254/latest/meta-data')).toMatch(/^invalid_argument: .*not public/);
  expect(await refusal('http://10.0.0.1/')).toMatch(/^invalid_argument: .*not public/);
  expect(await refusal(env.S3_ENDPOINT ?? '')).toMatch(/^invalid_argument: .*not public/);
  expect(await refusal('file:///etc/passwd')).toMatch(/^invalid_argument: .*http/);
});

test('a page that answers an error fails the egress with the reason', async () => {
  const { egressId } = await egress.startWebEgress(`${pages.origin}/nowhere`, await show());
  const ended = await eventually(
    'the end',
    async () => {
      const info = await infoOf(egressId);
      return info?.status === EgressStatus.EGRESS_FAILED && info;
    },
    60_000,
  );
  expect(ended.error).toContain('404');
}, 90_000);
