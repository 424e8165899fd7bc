/**
 * `npm run bench:ingest [-- --seconds 20] [--only "RTMP"] [--record] [--json]`: from an encoder to a subscriber in the room, by a clock drawn into the
 * picture; first picture after connecting; processor of each connection, with what recording it untouched adds to the worker's (`--record`).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dispose } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { portsFrom } from '../native/settings/ports.ts';
import { readState } from '../native/supervise/state-file.ts';
import { type Encoder, type EncoderOptions, startEncoder } from './clock/rtmp-source.ts';
import { type EncoderTap, openEncoderTap } from './ingest/encoder-tap.ts';
import { watchRoom } from './ingest/room-viewer.ts';
import { openSrtTap, type SrtTap } from './ingest/srt-tap.ts';
import { publishByWhip } from './ingest/whip-host.ts';
import { launchBrowser } from './lib/browser.ts';
import { processTimes } from './lib/cpu.ts';
import { api, eventually, openInstall } from './lib/install.ts';
import { percentile } from './lib/percentiles.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    record: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Math.min(600, Math.max(5, Number(options.seconds) || 20));
const FPS = 30;
/** Joining, first key frames and the decision to transcode are no part of the steady state. */
const SETTLE_S = 6;
const GOAL_MS = { copy: 350, transcode: 500, forward: 350 } as const;
const FIRST_PICTURE_GOAL_MS = 1_500;
const CORES_GOAL = 0.08;

type Case = { name: string; expects: keyof typeof GOAL_MS; encoder: Partial<EncoderOptions> | 'whip' | 'srt' };
const CASES: Case[] = [
  { name: 'RTMP, key frame every 1 s', expects: 'copy', encoder: { gop: 30 } },
  { name: 'RTMP, key frame every 2 s', expects: 'copy', encoder: { gop: 60 } },
  { name: 'RTMP, key frame every 4 s', expects: 'transcode', encoder: { gop: 120 } },
  { name: 'RTMP, key frame every 8 s', expects: 'transcode', encoder: { gop: 240 } },
  { name: 'RTMP, B-frames', expects: 'transcode', encoder: { gop: 60, bFrames: 2 } },
  { name: 'SRT, key frame every 2 s', expects: 'copy', encoder: 'srt' },
  { name: 'WHIP from Chromium', expects: 'forward', encoder: 'whip' },
];

type Result = {
  name: string;
  mode: string;
  p50Ms: number;
  p95Ms: number;
  /** The encoder's own delay, where it can be told apart, and what is left without it. */
  encoderP50Ms: number | null;
  afterEncoderP50Ms: number | null;
  firstPictureMs: number;
  /** Until the encoder sent its first picture, where that can be seen, and until a subscriber had the track. */
  encoderFirstMs: number | null;
  trackMs: number;
  pictures: number;
  /** Media process of the connection and its share of the worker's own; null where there is none. */
  cores: number | null;
  workerCores: number;
};

const install = openInstall();
const state = readState(install.home);
if (!state) throw new Error(`nothing runs from ${install.home}`);
const ports = portsFrom(state.base);
const workerPid = state.parts.ingest?.pid ?? 0;
const say = (text: string) => void (options.json || console.log(text));
const results: Result[] = [];
for (const one of CASES.filter(({ name }) => name.includes(options.only))) {
  const result = await measure(one);
  results.push(result);
  print(one, result);
}
// Its native side keeps the program running.
await dispose();
if (options.json)
  console.log(JSON.stringify({ node: process.version, date: new Date().toISOString(), results }, null, 2));

async function measure(one: Case): Promise<Result> {
  const handle = `bench-${Date.now().toString(36)}`;
  const channel = await api<{ id: string }>(install, 'POST', '/channels', { handle, name: 'Bench' });
  if (options.record) await api(install, 'PATCH', `/channels/${handle}/ingest`, { record: true });
  // The subscriber is there first: what it waits for is the picture, not the room.
  const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
  const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  await rooms.createRoom({ name: channel.id, emptyTimeout: 600, departureTimeout: 600 });
  const viewer = await watchRoom(install, channel.id);
  const source = await publish(one, handle);
  try {
    await eventually('the first picture is in the room', async () => viewer.firstPictureAtMs());
    await wait(SETTLE_S * 1000);
    const ingest = await look(channel.id);
    viewer.take();
    source.beginWindow?.();
    const cpu = () => [ingest.pid ? processTimes(ingest.pid).cpuS : 0, processTimes(workerPid).cpuS] as const;
    const before = cpu();
    const startedAt = performance.now();
    await wait(seconds * 1000);
    const elapsedS = (performance.now() - startedAt) / 1000;
    const after = cpu();
    const { latencies, pictures } = viewer.take();
    const encoderP50Ms = source.encoderDelays ? percentile(source.encoderDelays(), 0.5) : null;
    const p50Ms = percentile(latencies, 0.5);
    const mode = (await look(channel.id)).mode ?? 'forward';
    const connectedAtMs = source.connectedAtMs() ?? Number.NaN;
    const encoderFirstAtMs = source.firstPictureAtMs?.() ?? null;
    return {
      name: one.name,
      mode,
      p50Ms,
      p95Ms: percentile(latencies, 0.95),
      encoderP50Ms,
      afterEncoderP50Ms: encoderP50Ms === null ? null : p50Ms - encoderP50Ms,
      firstPictureMs: (viewer.firstPictureAtMs() ?? Number.NaN) - connectedAtMs,
      encoderFirstMs: encoderFirstAtMs === null ? null : encoderFirstAtMs - connectedAtMs,
      trackMs: (viewer.trackAtMs() ?? Number.NaN) - connectedAtMs,
      pictures,
      cores: ingest.pid ? (after[0] - before[0]) / elapsedS : null,
      workerCores: (after[1] - before[1]) / elapsedS,
    };
  } finally {
    await source.stop();
    await viewer.leave();
  }
}

type Source = {
  connectedAtMs(): number | null;
  firstPictureAtMs?(): number | null;
  beginWindow?(): void;
  encoderDelays?(): number[];
  stop(): Promise<void>;
};

async function publish({ encoder }: Case, handle: string): Promise<Source> {
  const ingest = await api<{
    rtmp: { url: string; streamKey: string };
    whip: { url: string; bearerToken: string };
  }>(install, 'GET', `/channels/${handle}/ingest`);
  if (encoder === 'whip') {
    const browser = await launchBrowser();
    const page = await publishByWhip(browser, ingest.whip);
    return {
      connectedAtMs: () => page.connectedAtMs,
      async stop() {
        await page.stop();
        await browser.close();
      },
    };
  }
  const fedAtMs = new Map<number, number>();
  const onFrame = (index: number, nowMs: number) => void fedAtMs.set(index, nowMs);
  if (encoder === 'srt') {
    const tap = await openSrtTap(ports.srt, FPS);
    const url = `srt://127.0.0.1:${tap.port}?streamid=${ingest.rtmp.streamKey}&latency=20000`;
    return behindTap(tap, startEncoder({ url, fps: FPS, gop: 60, format: 'mpegts', onFrame }), fedAtMs);
  }
  const tap = await openEncoderTap(ports.rtmp, FPS);
  const url = `rtmp://127.0.0.1:${tap.port}/live/${ingest.rtmp.streamKey}`;
  return behindTap(tap, startEncoder({ ...encoder, url, fps: FPS, onFrame }), fedAtMs);
}

function behindTap(tap: EncoderTap | SrtTap, running: Encoder, fedAtMs: ReadonlyMap<number, number>): Source {
  return {
    connectedAtMs: tap.connectedAtMs,
    firstPictureAtMs: tap.firstPictureAtMs,
    beginWindow: () => tap.leftAtMs.clear(),
    encoderDelays: () =>
      [...tap.leftAtMs].flatMap(([index, leftAt]) => {
        const fedAt = fedAtMs.get(index);
        return fedAt === undefined ? [] : [leftAt - fedAt];
      }),
    async stop() {
      await running.stop();
      tap.close();
    },
  };
}

/** What the ingest worker says of the ingest that publishes into a room. */
async function look(room: string): Promise<{ pid?: number; mode?: string | null }> {
  const answer = await fetch(`http://127.0.0.1:${ports.ingestHealth}/health`);
  const { ingests } = (await answer.json()) as { ingests: { room: string; pid?: number; mode?: string | null }[] };
  return ingests.find((one) => one.room === room) ?? {};
}

function print(one: Case, result: Result): void {
  const met = (is: boolean) => (is ? 'met' : 'MISSED');
  const goal = GOAL_MS[one.expects];
  const own = result.afterEncoderP50Ms ?? result.p50Ms;
  say(`\n${one.name}: ${result.mode}${result.mode === one.expects ? '' : ` (${one.expects} was expected)`}`);
  say(`  encoder to room p50 ${Math.round(result.p50Ms)} ms, p95 ${Math.round(result.p95Ms)} ms`);
  if (result.encoderP50Ms !== null) say(`  of which the encoder itself p50 ${Math.round(result.encoderP50Ms)} ms`);
  say(`  without it p50 ${Math.round(own)} ms, goal under ${goal} ms (${met(own < goal)})`);
  const first = result.firstPictureMs;
  say(
    `  first picture ${Math.round(first)} ms after connecting, goal under 1,500 (${met(first < FIRST_PICTURE_GOAL_MS)})`,
  );
  const encoderFirst =
    result.encoderFirstMs === null ? '' : `the encoder sent it after ${Math.round(result.encoderFirstMs)} ms, `;
  say(`  of that: ${encoderFirst}a subscriber had the track after ${Math.round(result.trackMs)} ms`);
  const cores = result.cores === null ? 'no media process' : `${result.cores.toFixed(3)} core`;
  const judged =
    result.cores !== null && one.expects === 'copy'
      ? `, goal under ${CORES_GOAL} (${met(result.cores < CORES_GOAL)})`
      : '';
  say(
    `  ${cores}${judged}; worker ${result.workerCores.toFixed(3)} core; ${(result.pictures / seconds).toFixed(1)} pictures a second`,
  );
}
