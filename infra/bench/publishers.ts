/**
 * `npm run bench:publishers [-- --count 10] [--broken 2] [--seconds 600] [--size 640x360] [--kbps 800] [--json]`: many encoders at once over RTMP, some of
 * them broken: one is cut and comes back over and over, the next sends bytes that are turned on the way. Memory of the ingest worker and its media
 * processes, their processor, and whether the others notice.
 *
 * With `--most`: healthy ones alone, one more every few seconds, until a subscriber of the first misses pictures: how many this machine carries.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dispose } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { makeClip, type Publisher, publish } from '../faults/publisher.ts';
import { slopeOf } from '../faults/soak.ts';
import { portsFrom } from '../native/settings/ports.ts';
import { readState } from '../native/supervise/state-file.ts';
import { openBadLine } from './ingest/bad-line.ts';
import { watchRoom } from './ingest/room-viewer.ts';
import { machineTimes, type TreeTimes, treeTimes } from './lib/cpu.ts';
import { api, eventually, openInstall } from './lib/install.ts';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '10' },
    broken: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '600' },
    size: { type: 'string', default: '640x360' },
    kbps: { type: 'string', default: '800' },
    most: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const bounded = (text: string, least: number, most: number) => Math.min(most, Math.max(least, Number(text) || least));
const count = bounded(options.count, 1, 60);
const broken = Math.min(count - 1, bounded(options.broken, 0, 10));
const seconds = bounded(options.seconds, 20, 1_800);
const SAMPLE_MS = 5_000;
/** Joining, the first pools and the code's own warm-up, share of the samples. */
const WARM_UP_SHARE = 0.3;
/** Of 30: fewer were seen. */
const FEW_PICTURES = 28;
/** A media process is made ready for the next connection meanwhile. */
const SETTLE_MS = 4_000;
const BROKEN_LIVES_MS = 8_000;

type Ingest = { room: string; pid?: number; mode: string | null; reason: string };
type Watched = Awaited<ReturnType<typeof watchRoom>>;
type Healthy = { handle: string; room: string; encoder: Publisher; pid: number };

const install = openInstall();
const state = readState(install.home);
if (!state) throw new Error(`nothing runs from ${install.home}`);
const ports = portsFrom(state.base);
const workerPid = state.parts.ingest?.pid ?? 0;
const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = install.env;
const rooms = new RoomServiceClient(LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
const stamp = Date.now().toString(36);
const clip = await makeClip(options.size, bounded(options.kbps, 100, 20_000));
const ending = new AbortController();

try {
  if (options.most) await driveUp();
  else await hold();
} finally {
  ending.abort();
  await clip.remove();
  await dispose();
}

async function hold(): Promise<void> {
  const bad = Array.from({ length: broken }, (_, at) => breakAgainAndAgain(at));
  const healthy: Healthy[] = [];
  for (let at = 0; at < count - broken; at++) healthy.push(await begin(at));
  const watched = await watchFirst(healthy);
  const before = treeTimes(workerPid);
  const begunAt = performance.now();
  const samples: [second: number, mb: number][] = [];
  const pictures: [second: number, aSecond: number][] = [];
  while (performance.now() - begunAt < seconds * 1000) {
    const aSecond = await sample(watched);
    const second = (performance.now() - begunAt) / 1000;
    pictures.push([second, aSecond]);
    samples.push([second, treeTimes(workerPid).rssMb]);
  }
  const touched = await whoWasTouched(healthy);
  const after = treeTimes(workerPid);
  ending.abort();
  const rounds = await Promise.all(bad);
  report(samples, { before, after, touched, rounds, pictures });
  await watched.leave();
  for (const { encoder } of healthy) await encoder.stop();
}

/** @returns when the subscriber missed pictures twice in a row, or `count` stand @throws Error when a connection was not taken */
async function driveUp(): Promise<void> {
  const healthy = [await begin(0)];
  const watched = await watchFirst(healthy);
  let short = 0;
  try {
    while (short < 2 && healthy.length <= count) {
      await wait(SETTLE_MS);
      const before = treeTimes(workerPid);
      const from = machineTimes();
      const aSecond = await sample(watched);
      const cores = (treeTimes(workerPid).cpuS - before.cpuS) / (SAMPLE_MS / 1000);
      const to = machineTimes();
      const busy = (to.busy - from.busy) / (to.all - from.all);
      console.log(
        `${String(healthy.length).padStart(3)} connections: ${aSecond.toFixed(1)} pictures a second, ${cores.toFixed(2)} core (${(cores / healthy.length).toFixed(3)} each), machine ${(busy * 100).toFixed(0)} % busy`,
      );
      short = aSecond < FEW_PICTURES ? short + 1 : 0;
      if (short === 0) healthy.push(await begin(healthy.length));
    }
    console.log(`${options.size} at ${options.kbps} kbit/s: ${healthy.length - 1} at once`);
    for (const line of await whoWasTouched(healthy)) console.log(`  ${line}`);
  } finally {
    await watched.leave();
    for (const { encoder } of healthy) await encoder.stop();
  }
}

async function watchFirst(healthy: readonly Healthy[]): Promise<Watched> {
  const watched = await watchRoom(install, healthy[0]?.room ?? '');
  await eventually('the first picture is in the room', async () => watched.firstPictureAtMs());
  watched.take();
  return watched;
}

/** @returns pictures a second in the room that is watched, over the next few seconds */
async function sample(watched: Watched): Promise<number> {
  watched.take();
  const from = performance.now();
  await wait(SAMPLE_MS);
  return watched.take().pictures / ((performance.now() - from) / 1000);
}

async function channel(name: string): Promise<{ handle: string; room: string; streamKey: string }> {
  const handle = `many-${name}-${stamp}`;
  const { id } = await api<{ id: string }>(install, 'POST', '/channels', { handle, name: handle });
  const ingest = await api<{ rtmp: { streamKey: string } }>(install, 'GET', `/channels/${handle}/ingest`);
  return { handle, room: id, streamKey: ingest.rtmp.streamKey };
}

async function begin(at: number): Promise<Healthy> {
  const { handle, room, streamKey } = await channel(`good${at}`);
  await rooms.createRoom({ name: room, emptyTimeout: 3600, departureTimeout: 3600 });
  const url = `rtmp://127.0.0.1:${ports.rtmp}/live/${streamKey}`;
  const encoder = publish(url, seconds + 300, clip.file);
  const { pid } = await eventually(`${handle} is live`, async () => {
    const found = await look(room);
    return found?.mode ? found : null;
  });
  return { handle, room, encoder, pid: pid ?? 0 };
}

/** Even numbers are cut and come back, odd ones send turned bytes. @returns how often it began */
async function breakAgainAndAgain(at: number): Promise<{ what: string; rounds: number; endedByServer: number }> {
  const { room, streamKey } = await channel(`bad${at}`);
  await rooms.createRoom({ name: room, emptyTimeout: 3600, departureTimeout: 3600 });
  const turns = at % 2 === 1;
  const line = await openBadLine(ports.rtmp, { turnAfterBytes: turns ? 400_000 : null });
  let rounds = 0;
  let endedByServer = 0;
  while (!ending.signal.aborted) {
    rounds += 1;
    const encoder = publish(`rtmp://127.0.0.1:${line.port}/live/${streamKey}`, 120, clip.file);
    await wait(BROKEN_LIVES_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    if (!encoder.running()) endedByServer += 1;
    await encoder.stop();
  }
  line.close();
  return { what: turns ? 'turned bytes' : 'cut and back', rounds, endedByServer };
}

async function look(room: string): Promise<Ingest | undefined> {
  const answer = await fetch(`http://127.0.0.1:${ports.ingestHealth}/health`);
  const { ingests } = (await answer.json()) as { ingests: Ingest[] };
  return ingests.find((one) => one.room === room);
}

/** Those whose connection, media process or treatment did not stay what it was. */
async function whoWasTouched(healthy: Healthy[]): Promise<string[]> {
  const found: string[] = [];
  for (const { handle, room, encoder, pid } of healthy) {
    const now = await look(room);
    if (!encoder.running()) found.push(`${handle}: its encoder was cut off`);
    else if (now?.pid !== pid) found.push(`${handle}: its media process is another one`);
    else if (now.mode !== 'copy') found.push(`${handle}: ${now.mode} (${now.reason})`);
  }
  return found;
}

type Seen = {
  before: TreeTimes;
  after: TreeTimes;
  touched: string[];
  rounds: { what: string; rounds: number; endedByServer: number }[];
  /** In the room that is watched, over each sample. */
  pictures: [second: number, aSecond: number][];
};

function report(samples: [number, number][], { before, after, touched, rounds, pictures }: Seen): void {
  const settled = samples.slice(Math.round(samples.length * WARM_UP_SHARE));
  const perMinuteMb = settled.length > 1 ? slopeOf(settled) * 60 : Number.NaN;
  const cores = (after.cpuS - before.cpuS) / seconds;
  if (options.json) {
    console.log(JSON.stringify({ count, broken, seconds, cores, perMinuteMb, samples, touched, rounds, pictures }));
    return;
  }
  const series = samples.filter((_, at) => at % Math.ceil(samples.length / 12) === 0).map(([, mb]) => mb.toFixed(0));
  console.log(`${count} encoders of ${options.size} for ${seconds} s, ${broken} of them broken`);
  for (const one of rounds)
    console.log(`  ${one.what}: began ${one.rounds} times, ended by the server ${one.endedByServer} times`);
  console.log(`  worker and media processes: ${cores.toFixed(2)} core`);
  console.log(`  memory, MB: ${series.join(' ')}; slope once settled ${perMinuteMb.toFixed(2)} MB a minute`);
  const slow = pictures.filter(([, aSecond]) => aSecond < FEW_PICTURES);
  const [at, fewest] = pictures.reduce((least, one) => (one[1] < least[1] ? one : least));
  console.log(
    `  pictures a second in one healthy room: fewest ${fewest.toFixed(1)} over ${SAMPLE_MS / 1000} s (at ${at.toFixed(0)} s); ${slow.length} of ${pictures.length} samples under ${FEW_PICTURES}`,
  );
  console.log(`  healthy encoders that noticed: ${touched.length === 0 ? 'none' : touched.join('; ')}`);
}
