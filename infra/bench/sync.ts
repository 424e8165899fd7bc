/**
 * `npm run bench:sync [-- --seconds 20] [--only webrtc|rtmp] [--json]`: a source that flashes and beeps once a second, found again in the
 * segments that viewers get: lip sync; and the picture's number in every rung at the same media time: ladder alignment.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LADDER, openRoom, startEgress } from './lib/direct-egress.ts';
import { flashDrawing } from './lib/drawings.ts';
import { publishFiles } from './lib/file-publisher.ts';
import { api, type BroadcastAnswer, eventually, openInstall } from './lib/install.ts';
import { encodedFiles, FPS, flvFile } from './lib/media-files.ts';
import { percentile } from './lib/percentiles.ts';
import { collectShow } from './sync/collect.ts';
import { type Alignment, alignment, lipSync } from './sync/compare.ts';
import { type Picture, readBeeps, readPictures } from './sync/read-media.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Math.min(120, Math.max(5, Number(options.seconds) || 20));
const GOAL_MS = 45;
const GOAL_PICTURES = 1;

type Result = {
  source: string;
  flashes: number;
  offsetMs: { p50: number; min: number; max: number };
  rungs: ({ rung: string; unread: number } & Alignment)[];
};

const drawing = flashDrawing();
const install = openInstall();
const results: Result[] = [];
if (options.only !== 'rtmp') results.push(await throughWebRtc());
if (options.only !== 'webrtc') results.push(await throughRtmp());
if (options.json) {
  console.log(JSON.stringify({ node: process.version, date: new Date().toISOString(), results }, null, 2));
} else for (const result of results) print(result);

/** H.264 layers and Opus from files, as from a browser, three rungs out. */
async function throughWebRtc(): Promise<Result> {
  const { layers, audio } = await encodedFiles(drawing);
  const room = await openRoom(install, LADDER);
  const publisher = await publishFiles(install, room.roomName, [
    { identity: 'host_flash', name: 'Flash', layers, audio },
  ]);
  try {
    const egress = await startEgress(install, room);
    try {
      return await judge('WebRTC, ladder', `${install.env.OPENAIR_PLAYBACK_URL}/play/${egress.playbackId}/index.m3u8`);
    } finally {
      await egress.stop();
    }
  } finally {
    await publisher.stop();
  }
}

/** H.264 and AAC by ffmpeg over RTMP without encoding, through a channel, as a streamer's encoder. */
async function throughRtmp(): Promise<Result> {
  const file = await flvFile(drawing);
  const handle = `sync-${Date.now().toString(36)}`;
  await api(install, 'POST', '/channels', { handle, name: 'Sync' });
  const broadcast = await api<BroadcastAnswer>(install, 'POST', `/channels/${handle}/broadcasts`, {
    title: 'Flash and beep',
    visibility: 'public',
  });
  const { rtmp } = await api<{ rtmp: { url: string; streamKey: string } }>(
    install,
    'GET',
    `/channels/${handle}/ingest`,
  );
  const target = `${rtmp.url}/${rtmp.streamKey}`;
  const args = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', target];
  const encoder = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = once(encoder, 'exit');
  try {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/start`);
    await eventually('the broadcast is live', async () => {
      const { state } = await api<BroadcastAnswer>(install, 'GET', `/broadcasts/${broadcast.id}`);
      return state === 'live' || null;
    });
    return await judge('RTMP', broadcast.playback.hls);
  } finally {
    await api(install, 'POST', `/broadcasts/${broadcast.id}/end`).catch(() => {});
    encoder.kill('SIGTERM');
    await gone;
  }
}

/** Lets it run, then reads the segments; the first seconds, in which buffers find their level, count like all others. */
async function judge(source: string, index: string): Promise<Result> {
  await wait((seconds + 3) * 1000);
  const show = await collectShow(index);
  try {
    const rungs: { id: string; pictures: Picture[] }[] = [];
    for (const { id, file } of show.video) rungs.push({ id, pictures: await readPictures(file) });
    const beeps = await readBeeps(show.audio);
    const top = rungs[0]?.pictures ?? [];
    const offsets = lipSync(top, beeps);
    const loop = drawing.seconds * FPS;
    return {
      source,
      flashes: offsets.length,
      offsetMs: { p50: percentile(offsets, 0.5), min: Math.min(...offsets), max: Math.max(...offsets) },
      rungs: rungs.map(({ id, pictures }) => ({
        rung: id,
        unread: pictures.filter(({ number }) => number === null).length,
        ...alignment(top, pictures, loop),
      })),
    };
  } finally {
    show.remove();
  }
}

function print({ source, flashes, offsetMs: { p50, min, max }, rungs }: Result): void {
  const good = flashes > 0 && Math.max(Math.abs(min), Math.abs(max)) <= GOAL_MS;
  const ms = (value: number) => `${value > 0 ? '+' : ''}${value.toFixed(0)} ms`;
  console.log(`\n${source}: lip sync over ${flashes} flashes, sound ${ms(p50)} (median), ${ms(min)} to ${ms(max)}`);
  console.log(`  goal within ${GOAL_MS} ms: ${good ? 'met' : 'MISSED'} (+ is sound later than picture)`);
  for (const { rung, compared, same, worst, unread } of rungs.slice(1)) {
    const verdict = compared > 0 && worst <= GOAL_PICTURES ? 'met' : 'MISSED';
    console.log(
      `  ${rungs[0]?.rung} and ${rung}: ${same} of ${compared} pictures the same, at most ${worst} apart, ${unread} unread; goal at most ${GOAL_PICTURES} (${verdict})`,
    );
  }
}
