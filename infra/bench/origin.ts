/**
 * `npm run bench:origin [-- --seconds 8] [--viewers 100,300,500] [--only origin|cache] [--profile FOLDER] [--json]`: what viewers cost the media origin, beside nginx
 * that serves the same bytes as files at the same pace; how late parts are; memory of those who wait; and how much an nginx cache takes off it.
 */
import { parseArgs } from 'node:util';
import { runCache } from '../nginx/run-nginx.ts';
import { processTimes } from './lib/cpu.ts';
import { eventually, openInstall } from './lib/install.ts';
import { fitLine, type LineFit } from './origin/fit-line.ts';
import type { LoadPlan } from './origin/load.ts';
import { PART_BYTES, PART_MS, PARTS_A_SEGMENT, startPartFeed } from './origin/part-feed.ts';
import { FILE_COUNT, type Measured, pin, type Round, runLoad, startFiles, startOrigin } from './origin/servers.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    viewers: { type: 'string', default: '100,300,500' },
    rounds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Math.min(60, Math.max(3, Number(options.seconds) || 8));
const rounds = Math.min(5, Math.max(1, Number(options.rounds) || 2));
const crowds = options.viewers.split(',').map((text) => Math.min(1000, Math.max(1, Number(text) || 1)));
/** Viewers behind the cache. */
const CACHED_VIEWERS = Math.min(300, Math.max(...crowds));
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const GOAL_RATIO = 0.9;

/** `feedLagMs`: mean age of parts when they reached the origin, of the whole run so far: what no viewer can be ahead of. */
type Crowd = {
  viewers: number;
  feedLagMs: number;
  origin: Round[];
  files: Round[];
  ratio: number;
  kbPerViewer: number;
};
type Late = { toListenMs: number; toListMs: number; segmentsBehind: number };
type Cached = {
  viewers: number;
  lists: number;
  parts: number;
  delivery: Round['delivery'];
  originRequests: number;
  failed: Round['failed'];
};

const say = (text: string) => void (options.json || console.log(text));
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const perCpuS = ({ requests, cpuS }: Round) => requests / cpuS;

const install = openInstall();
const { REDIS_URL = '' } = install.env;
const feed = await startPartFeed(REDIS_URL, `pb_bench_${Date.now().toString(36)}`);
const origin = await startOrigin(install, options.profile);
const path = `/play/${feed.playbackId}`;
const renditions = Object.keys(PART_BYTES);
const base = { path, seconds, warmS: 3, partMs: PART_MS, partsASegment: PARTS_A_SEGMENT, renditions };
const blocking = { mode: 'blocking', startedAtMs: feed.startedAtMs } as const;
pin(process.pid, LOAD_CORE);
pin(origin.pid, SERVER_CORE);
const results: { crowds: Crowd[]; slope: LineFit | null; cached: Cached | null; late: Late | null } = {
  crowds: [],
  slope: null,
  cached: null,
  late: null,
};
try {
  await eventually(
    'the origin has the show',
    async () => (await fetch(`http://127.0.0.1:${origin.port}${path}/index.m3u8`)).ok,
  );
  if (options.only === '') results.late = await measureLateStart();
  if (options.only !== 'cache') await measureCrowds();
  if (options.only !== 'origin') results.cached = await measureCache();
} finally {
  await feed.stop();
  await origin.stop();
}
if (options.json)
  console.log(JSON.stringify({ node: process.version, date: new Date().toISOString(), seconds, ...results }, null, 2));

/** An origin that is started in the middle of a show: until it listens, and from then to its first list at the live edge. */
async function measureLateStart(): Promise<Late> {
  const began = performance.now();
  const late = await startOrigin(install);
  try {
    const listens = performance.now();
    const list = await (await fetch(`http://127.0.0.1:${late.port}${path}/720p/media.m3u8`)).text();
    const listed = performance.now();
    const edge = Math.floor((Date.now() - feed.startedAtMs) / (PART_MS * PARTS_A_SEGMENT));
    const newest = Number(/URI="(\d+)\.\d+\.m4s"\n#EXT-X-RENDITION/.exec(list)?.[1] ?? Number.NaN);
    const result = {
      toListenMs: listens - began,
      toListMs: listed - listens,
      segmentsBehind: Math.max(0, edge - newest),
    };
    say(
      `an origin started mid-broadcast listens after ${result.toListenMs.toFixed(0)} ms, its first list comes ${result.toListMs.toFixed(0)} ms later, ${result.segmentsBehind} segments behind the edge`,
    );
    return result;
  } finally {
    await late.stop();
  }
}

async function measureCrowds(): Promise<void> {
  const m = Math.floor((Date.now() - feed.startedAtMs) / PART_MS / PARTS_A_SEGMENT) - 4;
  const parts = Array.from({ length: FILE_COUNT }, (_, i) => `${m - Math.floor(i / 5)}.${i % 5}`);
  const files = await startFiles(origin, path, parts, renditions);
  pin(files.pid, SERVER_CORE);
  const idleMb = processTimes(origin.pid).rssMb;
  try {
    for (const viewers of crowds) {
      const crowd: Crowd = { viewers, feedLagMs: 0, origin: [], files: [], ratio: 0, kbPerViewer: 0 };
      // A B B A: what drifts falls on both.
      for (let round = 0; round < rounds; round++) {
        const turns = round % 2 === 0 ? (['origin', 'files'] as const) : (['files', 'origin'] as const);
        for (const turn of turns) crowd[turn].push(await oneRound(turn === 'origin' ? origin : files, turn, viewers));
      }
      crowd.ratio = median(crowd.origin.map((round, i) => perCpuS(round) / perCpuS(crowd.files[i] as Round)));
      crowd.kbPerViewer = ((Math.max(...crowd.origin.map(({ rssMb }) => rssMb)) - idleMb) * 1000) / viewers;
      crowd.feedLagMs = await feedLagMs();
      results.crowds.push(crowd);
      printCrowd(crowd);
    }
  } finally {
    await files.stop();
  }
  const points = results.crowds.flatMap(({ viewers, origin: all }) =>
    all.map(({ cpuS }) => ({ x: viewers, y: cpuS / seconds })),
  );
  results.slope = fitLine(points);
  const { slope, offset } = results.slope;
  say(
    `slope: ${(slope * 1000).toFixed(3)} core per 1,000 viewers on ${offset.toFixed(3)} core; 5,000 viewers: ${(offset + 5000 * slope).toFixed(2)} cores, ${((5000 * 20 * 32_500 * 8) / 1e9).toFixed(0)} Gbit/s`,
  );
}

function oneRound(server: Measured, kind: 'origin' | 'files', viewers: number): Promise<Round> {
  const how: LoadPlan['how'] = kind === 'origin' ? blocking : { mode: 'files', fileCount: FILE_COUNT };
  return runLoad(server, { ...base, port: server.port, viewers, how }, LOAD_CORE);
}

async function measureCache(): Promise<Cached> {
  const cache = await runCache(`127.0.0.1:${origin.port}`);
  pin(cache.pid, SERVER_CORE);
  try {
    const before = await originRequests();
    const plan = { ...base, warmS: 5, port: cache.port, viewers: CACHED_VIEWERS, how: blocking };
    const round = await runLoad({ ...cache }, plan, LOAD_CORE);
    const after = await originRequests();
    const share = (hits: Record<string, number>) =>
      (hits.HIT ?? 0) / Object.values(hits).reduce((sum, n) => sum + n, 0);
    const cached = {
      viewers: CACHED_VIEWERS,
      lists: share(round.cache.lists),
      parts: share(round.cache.parts),
      delivery: round.delivery,
      originRequests: (after - before) / (seconds + 5),
      failed: round.failed,
    };
    const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
    say(
      `\n${CACHED_VIEWERS} viewers behind nginx: ${percent(cached.parts)} of parts and ${percent(cached.lists)} of lists are hits (goals 95 %, 85 %), ${cached.originRequests.toFixed(0)} requests/s reach the origin`,
    );
    say(
      `  a part is there p50 ${cached.delivery.p50.toFixed(0)} ms, p99 ${cached.delivery.p99.toFixed(0)} ms after it was made; nginx's lock looks every 500 ms`,
    );
    return cached;
  } finally {
    await cache.stop();
  }
}

async function originRequests(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${origin.port}/metrics`)).text();
  const lines = [...text.matchAll(/^openair_playback_requests_total\{.*\} (\d+)$/gm)];
  return lines.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function feedLagMs(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${origin.port}/metrics`)).text();
  const read = (name: string) =>
    Number(new RegExp(`^openair_playback_part_lag_seconds_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return (read('sum') / read('count')) * 1000;
}

function printCrowd({ feedLagMs: lagMs, viewers, origin: ours, files, ratio, kbPerViewer }: Crowd): void {
  const [mine, theirs] = [ours, files].map((all) => median(all.map(perCpuS)));
  const late = ours.reduce(
    (worst, { delivery }) => (delivery.p99 > worst.p99 ? delivery : worst),
    ours[0]?.delivery ?? { p50: 0, p99: 0, max: 0, count: 0 },
  );
  const failures = JSON.stringify(Object.assign({}, ...ours.map(({ failed }) => failed)));
  say(`\n${viewers} viewers, ${(ours[0]?.requests ?? 0) / seconds} requests/s`);
  say(
    `  requests per CPU-second: origin ${mine?.toFixed(0)}, nginx with files ${theirs?.toFixed(0)}; ratio ${ratio.toFixed(2)} (goal ${GOAL_RATIO})`,
  );
  say(
    `  cores: origin ${median(ours.map((r) => r.cpuS / seconds)).toFixed(3)}, nginx ${median(files.map((r) => r.cpuS / seconds)).toFixed(3)}, viewers ${median(ours.map((r) => r.loadCores)).toFixed(2)}`,
  );
  say(
    `  a part is there p50 ${late.p50.toFixed(1)} ms, p99 ${late.p99.toFixed(1)} ms after it was made, ${lagMs.toFixed(1)} ms of it on the way to the origin; ${kbPerViewer.toFixed(0)} kB a viewer; failures ${failures}`,
  );
}
