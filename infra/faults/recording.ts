import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { api, eventually } from '../bench/lib/install.ts';
import { childEnv } from '../native/doctor/played-back.ts';
import { readPlaylist, readRenditions } from './playlist.ts';
import type { Show } from './show.ts';

const run = promisify(execFile);

export type CheckedRecording = {
  durationS: number;
  segments: number;
  /** Segments that were made and are missing, of picture and sound. */
  gaps: number;
  /** Numbers that one of the two never made, where a writer died and the next one went on. */
  seams: number;
  discontinuities: number;
  /** Pictures in its files; on a full machine one may last for two. */
  pictures: number;
  /** Pictures that a decoder got out of it, and what it complained of. */
  frames: number;
  decodeErrors: number;
  problems: string[];
};

type RecordingAnswer = { state: string; hls: string | null };

/** Waits for a show's recording and goes through all of it: numbering, end mark, gaps, and every picture decoded by ffmpeg. */
export async function checkRecording(show: Show, withinMs = 90_000): Promise<CheckedRecording> {
  const url = await eventually(
    'the recording is ready',
    async () => {
      const path = `/broadcasts/${show.broadcast.id}/recording`;
      const { state, hls } = await api<RecordingAnswer>(show.install, 'GET', path);
      return state === 'ready' && hls;
    },
    withinMs,
  );
  const { video, audio } = readRenditions(await text(url), url);
  if (!video || !audio) throw new Error('the recording lacks picture or sound');
  const list = readPlaylist(await text(video));
  const sound = readPlaylist(await text(audio));
  const problems: string[] = [];
  if (!list.ended || !sound.ended) problems.push('no end mark');
  const sumOf = ({ segments }: typeof list) => segments.reduce((sum, one) => sum + one.durationS, 0);
  if (Math.abs(sumOf(list) - sumOf(sound)) > 1) problems.push('picture and sound differ in length by over 1 s');
  const { longestS, ...decoded } = await decode(video, list);
  if (longestS > 1) problems.push(`a picture stands for ${longestS.toFixed(2)} s`);
  return {
    durationS: sumOf(list),
    segments: list.segments.length,
    ...countGaps([list, sound]),
    discontinuities: list.segments.filter(({ discontinuity }) => discontinuity).length,
    ...decoded,
    problems,
  };
}

function countGaps(lists: ReturnType<typeof readPlaylist>[]): { gaps: number; seams: number } {
  const missing = lists.flatMap(({ segments }) =>
    segments.flatMap(({ gap }, at) => (gap ? [segments[at + 1]?.discontinuity === true] : [])),
  );
  const seams = missing.filter((isSeam) => isSeam).length;
  return { gaps: missing.length - seams, seams };
}

type Probed = { packets: { pts_time: string }[]; streams: { nb_read_frames: string }[] };

/** Each stretch with one init segment is a file of its own; all are decoded. */
async function decode(url: string, list: ReturnType<typeof readPlaylist>) {
  const folder = mkdtempSync(join(tmpdir(), 'openair-fault-'));
  const sum = { pictures: 0, longestS: 0, frames: 0, decodeErrors: 0 };
  try {
    for (const map of new Set(list.segments.map((segment) => segment.map))) {
      const own = list.segments.filter((segment) => segment.map === map && !segment.gap);
      const pieces = [await bytes(new URL(map, url).href)];
      for (const { uri } of own) pieces.push(await bytes(new URL(uri, url).href));
      const file = join(folder, 'stretch.mp4');
      writeFileSync(file, Buffer.concat(pieces));
      const entries = 'packet=pts_time:stream=nb_read_frames';
      const count = ['-v', 'error', '-count_frames', '-show_packets', '-show_entries', entries, '-of', 'json', file];
      const { stdout, stderr } = await run('ffprobe', count, { env: childEnv(), maxBuffer: 64_000_000 });
      const { packets, streams }: Probed = JSON.parse(stdout);
      sum.pictures += packets.length;
      const times = packets.map(({ pts_time }) => Number(pts_time));
      sum.longestS = Math.max(sum.longestS, ...times.slice(1).map((time, at) => time - (times[at] ?? time)));
      sum.frames += Number(streams[0]?.nb_read_frames ?? 0);
      sum.decodeErrors += stderr.split('\n').filter((line) => line.trim() !== '').length;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return sum;
}

async function bytes(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${new URL(url).pathname}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

const text = async (url: string) => String(await bytes(url));
