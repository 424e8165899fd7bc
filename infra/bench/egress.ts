/**
 * `npm run bench:egress [-- --seconds 20] [--only "4 sources"] [--viewers 30] [--json]`: what an egress costs, in CPU seconds of its
 * process per minute of output, for sources published from files encoded beforehand; and what viewers and a destination add.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openRtmpSink } from '../e2e/rtmp-sink.ts';
import { CASES, type EgressCase, peopleOf } from './egress/cases.ts';
import { ffmpegCost } from './egress/ffmpeg-guard.ts';
import { takeSeat } from './egress/seat-viewer.ts';
import { startViewers } from './egress/viewers.ts';
import { measureWindow, type Window } from './lib/cpu-window.ts';
import { type DirectEgress, openRoom, startEgress } from './lib/direct-egress.ts';
import { movingDrawing } from './lib/drawings.ts';
import { publishFiles } from './lib/file-publisher.ts';
import { eventually, openInstall } from './lib/install.ts';
import { encodedFiles } from './lib/media-files.ts';
import { percentile } from './lib/percentiles.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    viewers: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Math.min(300, Math.max(5, Number(options.seconds) || 20));
const viewerCount = Math.min(200, Math.max(1, Number(options.viewers) || 30));
/** Rounds of with and without: A B B A A B. */
const ROUNDS = 3;

type CaseResult = { name: string; goalCores: number | null; cores: number; ffmpegCores: number } & Window;
type Added = {
  what: string;
  withoutCores: number[];
  withCores: number[];
  ratio: number;
  goalRatio: number | null;
  note: string;
};

const install = openInstall();
const files = await encodedFiles(movingDrawing());
const say = (text: string) => void (options.json || console.log(text));
const results: CaseResult[] = [];
const added: Added[] = [];

for (const one of CASES.filter(({ name }) => name.includes(options.only))) {
  const result = await withEgress(one, (egress) => measureWindow(egress, seconds));
  const ffmpeg = await ffmpegCost(peopleOf(one, files), one.rungs, Math.min(10, seconds));
  const { name, goalCores } = one;
  results.push({ name, goalCores, cores: result.cpuPerMinute / 60, ffmpegCores: ffmpeg / 60, ...result });
  printCase(results.at(-1) as CaseResult);
}
const first = CASES[0] as EgressCase;
if (options.only === '' || options.only === 'added') {
  await withEgress(first, async (egress) => {
    added.push(await viewersAdd(egress), await destinationAdds(egress), await seatsAdd(egress));
  });
}
for (const one of added) printAdded(one);
if (options.json) {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  console.log(
    JSON.stringify({ node: process.version, date: new Date().toISOString(), machine, results, added }, null, 2),
  );
}

/** Room, publishers and egress of one case; measuring begins when every source is on air. */
async function withEgress<Result>(one: EgressCase, use: (egress: DirectEgress) => Promise<Result>): Promise<Result> {
  const room = await openRoom(install, one.rungs);
  const publisher = await publishFiles(install, room.roomName, peopleOf(one, files));
  try {
    const egress = await startEgress(install, room);
    try {
      // Joining, first key frames and the start of the encoders are no part of the cost per minute.
      await measureWindow(egress, 4);
      return await use(egress);
    } finally {
      await egress.stop();
    }
  } finally {
    await publisher.stop();
  }
}

async function viewersAdd(egress: DirectEgress): Promise<Added> {
  let parts = 0;
  const added = await compare(egress, `${viewerCount} viewers`, async () => {
    const viewers = startViewers(install, egress.playbackId, '720p', viewerCount);
    await eventually('the viewers get parts', async () => viewers.parts() > viewerCount);
    return async () => {
      parts += viewers.parts();
      viewers.stop();
    };
  });
  return { ...added, goalRatio: 1.03, note: `${parts} parts fetched` };
}

async function destinationAdds(egress: DirectEgress): Promise<Added> {
  const sink = await openRtmpSink();
  await sink.start();
  let turn = 0;
  try {
    const added = await compare(egress, 'a destination', async () => {
      const key = `bench${turn++}`;
      await egress.addPush(`${sink.url}/${key}`);
      await eventually('the destination receives', async () => (await sink.bytesIn(key)) > 100_000);
      return () => egress.removePush(`${sink.url}/${key}`);
    });
    return { ...added, goalRatio: 1.03, note: 'RTMP to nginx on the same machine' };
  } finally {
    await sink.close();
  }
}

/** With one viewer in the seats: without any, nothing is encoded for them. */
async function seatsAdd(egress: DirectEgress): Promise<Added> {
  const seatRoom = `seat_${egress.playbackId}`;
  const added = await compare(egress, 'the WebRTC program', async () => {
    await egress.setSeats(seatRoom);
    const viewer = await takeSeat(install, seatRoom);
    await eventually('the seat has a picture', async () => viewer.pictures() > 30);
    return async () => {
      await viewer.leave();
      await egress.setSeats(null);
    };
  });
  const cores = percentile(added.withCores, 0.5) - percentile(added.withoutCores, 0.5);
  return { ...added, goalRatio: null, note: `${cores.toFixed(2)} core for one layer, however many viewers` };
}

/** With and without, by turns in one egress; the ratio is of the medians. */
async function compare(egress: DirectEgress, what: string, begin: () => Promise<() => Promise<void>>) {
  const [withoutCores, withCores]: [number[], number[]] = [[], []];
  const plain = async () => withoutCores.push((await measureWindow(egress, seconds)).cpuPerMinute / 60);
  const loaded = async () => {
    const end = await begin();
    try {
      withCores.push((await measureWindow(egress, seconds)).cpuPerMinute / 60);
    } finally {
      await end();
    }
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const step of round % 2 === 0 ? [plain, loaded] : [loaded, plain]) await step();
  }
  return { what, withoutCores, withCores, ratio: percentile(withCores, 0.5) / percentile(withoutCores, 0.5) };
}

function printCase(result: CaseResult): void {
  const goal =
    result.goalCores === null
      ? ''
      : `, goal under ${result.goalCores} (${result.cores < result.goalCores ? 'met' : 'MISSED'})`;
  say(
    `\n${result.name}: ${result.cpuPerMinute.toFixed(1)} CPU seconds a minute, ${result.cores.toFixed(2)} core${goal}`,
  );
  const late = ((result.lateTicks / Math.max(1, result.ticks + result.lateTicks)) * 100).toFixed(2);
  say(
    `  ${result.composedFps.toFixed(1)} pictures a second, ${result.lateTicks} late ticks (${late} %), ${result.rssMb} MB`,
  );
  const ratio = (result.cores / result.ffmpegCores).toFixed(2);
  say(`  ffmpeg, same filter and encoders from files: ${result.ffmpegCores.toFixed(2)} core; ratio ${ratio}`);
}

function printAdded({ what, withoutCores, withCores, ratio, goalRatio, note }: Added): void {
  const list = (cores: number[]) => cores.map((one) => one.toFixed(3)).join(', ');
  const verdict = goalRatio === null ? '' : `, goal at most × ${goalRatio} (${ratio <= goalRatio ? 'met' : 'MISSED'})`;
  say(`\n${what}: × ${ratio.toFixed(3)}${verdict}; ${note}`);
  say(`  cores without: ${list(withoutCores)}; with: ${list(withCores)}`);
}
