import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createRedisShows } from '#adapters/redis/show-registry';
import { openRoom } from '../../infra/bench/lib/direct-egress.ts';
import { eventually, openInstall } from '../../infra/bench/lib/install.ts';
import { readPlaylist } from '../../infra/checks/hls/playlist.ts';
import { playlistFaults } from '../../infra/checks/hls/rules.ts';
import { type EgressPlan, type FromPipeline, HARDWARE_ENCODERS, type PipelineFacts } from './plan.ts';
import { pipelineProcessStarter } from './service/pipeline-process.ts';
import { type PipelineEnd, superviseEgress } from './service/supervisor.ts';

/** Hardware encoders that are not there, and one that fails on air: real media processes, played through the origin of a running install. */
const install = openInstall();
const run = promisify(execFile);
const { REDIS_URL = '', OPENAIR_PLAYBACK_URL = '', LIVEKIT_URL = '' } = install.env;
const LOST_DEVICE = fileURLToPath(new URL('./pipeline/fixtures/lost-device.ts', import.meta.url));
const RUNGS = [
  { id: '360p', height: 360, bitrateKbps: 600 },
  { id: '180p', height: 180, bitrateKbps: 200 },
];

const folder = await mkdtemp(join(tmpdir(), 'openair-encoders-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** One egress under a supervisor of its own, with the slate on air. */
async function supervise(encoders: EgressPlan['encoders'], program?: string) {
  const { roomName, playbackId, rooms } = await openRoom(install, RUNGS);
  closers.push(() => rooms.deleteRoom(roomName));
  const redis = new Redis(REDIS_URL);
  const show = { playbackId, visibility: 'public' as const, grantEpoch: 0, title: 'Encoders', startsAt: null };
  await createRedisShows(redis).put({ ...show, version: 1, state: 'live' });
  await redis.quit();
  const { env } = install;
  const plan: EgressPlan = {
    egressId: `EG_${playbackId}`,
    roomName,
    livekit: {
      url: LIVEKIT_URL.replace(/^http/, 'ws'),
      apiKey: env.LIVEKIT_API_KEY ?? '',
      apiSecret: env.LIVEKIT_API_SECRET ?? '',
    },
    source: { kind: 'room', layout: 'scene' },
    audioOnly: false,
    videoOnly: false,
    program: { width: 640, height: 360, fps: 30, ladder: RUNGS, latency: 'low' },
    audio: { bitrateKbps: 96, sampleRate: 48_000 },
    segments: {
      playbackId,
      prefix: `media/${playbackId}/`,
      suffix: 'index',
      segmentS: 1,
      partMs: 213.34,
      format: 'cmaf',
      playlists: null,
      storage: {
        endpoint: env.S3_ENDPOINT ?? '',
        region: env.S3_REGION ?? '',
        bucket: env.S3_BUCKET ?? '',
        accessKey: env.S3_ACCESS_KEY ?? '',
        secretKey: env.S3_SECRET_KEY ?? '',
        forcePathStyle: true,
      },
    },
    files: [],
    images: [],
    manifest: null,
    websocketUrl: null,
    encoders,
    redisUrl: REDIS_URL,
    pushes: [],
    logLevel: 'error',
  };
  const facts: PipelineFacts[] = [];
  const heard: FromPipeline[] = [];
  let ended: PipelineEnd | null = null;
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  const supervised = superviseEgress({
    plan,
    start: pipelineProcessStarter(environment, program),
    log: quiet,
    events: {
      fact: (fact) => void (fact.t === 'facts' && facts.push(fact.facts)),
      heard: (message) => void heard.push(message),
      process: () => undefined,
      pulse: () => undefined,
      ended: (end) => {
        ended = end;
      },
    },
  });
  const stop = async () => {
    supervised.stop();
    return eventually('the end', async () => ended as PipelineEnd | null);
  };
  closers.push(() => (ended ? undefined : supervised.kill()));
  const hls = `${OPENAIR_PLAYBACK_URL}/play/${playbackId}/index.m3u8`;
  const list = async (rung: string) =>
    readPlaylist(await (await fetch(hls.replace('index.m3u8', `${rung}/media.m3u8`))).text());
  return { supervised, facts, heard, stop, hls, list };
}

/** Pictures that a decoder gets out of one stretch of the 360p rung: its init segment and what goes with it. @throws with its complaints */
async function decode(hls: string, uris: string[]): Promise<number> {
  const pieces = uris.map(async (uri) => {
    const answer = await fetch(new URL(uri, hls.replace('index.m3u8', '360p/media.m3u8')));
    return Buffer.from(await answer.arrayBuffer());
  });
  const file = join(folder, 'stretch.mp4');
  await writeFile(file, Buffer.concat(await Promise.all(pieces)));
  const count = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', file];
  const { stdout, stderr } = await run('ffprobe', count);
  if (stderr !== '') throw new Error(stderr);
  return Number.parseInt(stdout, 10);
}

test('hardware encoders that this machine does not have are passed over: x264 is on air, and what is missing is told', async () => {
  const egress = await supervise({ names: [...HARDWARE_ENCODERS], device: '/dev/dri/renderD199' });
  const told = await eventually('facts', async () => egress.facts.find(({ lastMsn }) => lastMsn >= 0));
  expect(told.rungs.map(({ encoder }) => encoder)).toEqual(['libx264', 'libx264']);
  expect(told.notes.map((note) => note.split(' ')[0])).toEqual([...HARDWARE_ENCODERS]);
  expect(await egress.stop()).toMatchObject({ cause: 'stop-asked', error: null });
  expect(egress.supervised.restarts()).toBe(0);
});

test('a hardware encoder that fails on air is replaced by x264: same addresses, one discontinuity, a new init segment that fits', async () => {
  const egress = await supervise({ names: ['h264_nvenc'], device: null }, LOST_DEVICE);
  const first = await eventually('facts', async () => egress.facts.find(({ lastMsn }) => lastMsn >= 0));
  expect(first).toMatchObject({ epoch: 1, notes: [], rungs: [{ encoder: 'h264_nvenc' }, { encoder: 'h264_nvenc' }] });
  const then = await eventually('x264 has gone on for three segments', async () => {
    const told = egress.facts.at(-1);
    const list = await egress.list('360p');
    const at = list.segments.findIndex(({ discontinuity }) => discontinuity);
    return told?.epoch === 2 && at >= 0 && list.segments.length > at + 3 ? told : null;
  });
  expect(then.rungs.map(({ encoder }) => encoder)).toEqual(['libx264', 'libx264']);
  expect(then.notes).toEqual([
    'h264_nvenc failed while on air (the device is gone). The next encoder has taken its place.',
  ]);
  expect(egress.supervised.restarts()).toBe(1);
  expect(egress.heard.filter(({ t }) => t === 'encoder-lost')).toEqual([
    { t: 'encoder-lost', lost: { name: 'h264_nvenc', reason: 'the device is gone' } },
  ]);
  for (const rung of ['360p', '180p']) {
    const list = await egress.list(rung);
    expect(playlistFaults(list)).toEqual([]);
    expect(list.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
  }
  expect(await egress.stop()).toMatchObject({ cause: 'stop-asked', error: null });
  const whole = await egress.list('360p');
  expect(whole.ended).toBe(true);
  const maps = [...new Set(whole.segments.map(({ map }) => map ?? ''))];
  expect(maps).toHaveLength(2);
  for (const map of maps) {
    const own = whole.segments.filter((segment) => segment.map === map && !segment.gap);
    const seconds = own.reduce((sum, { durationS }) => sum + durationS, 0);
    // A late tick makes one picture last for two.
    const pictures = await decode(egress.hls, [map, ...own.map(({ uri }) => uri)]);
    expect(pictures).toBeGreaterThan(seconds * 30 * 0.8);
    expect(pictures).toBeLessThan(seconds * 30 + 1);
  }
});
