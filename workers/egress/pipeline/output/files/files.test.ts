import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PartStore } from '#core/playback/mp4/part-sink';
import { Program } from '#core/scene/scene';
import type { EgressPlan, FilePlan, FromPipeline } from '../../../plan.ts';
import { AudioEncoder, FRAME_SAMPLES, PRIMING_SAMPLES } from '../../encode/audio.ts';
import { VideoEncoder } from '../../encode/video.ts';
import { FileLine, type FileStoring } from '../../file-line.ts';
import { copyToFrame } from '../../native-frame.ts';
import { openTimeline } from '../../package/timeline.ts';

const run = promisify(execFile);
const log = pino({ level: 'silent' });
const STORAGE = {
  endpoint: 'http://127.0.0.1:9',
  region: '',
  bucket: 'b',
  accessKey: '',
  secretKey: '',
  forcePathStyle: true,
};
const SIZE = { width: 320, height: 180 };
const FPS = 30;

let folder = '';
let objects: Map<string, Uint8Array>;
let away: Set<string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openair-take-test-'));
  objects = new Map();
  away = new Set();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A storage that only takes whole objects; what is made here is small. */
const openStore = (plan: { bucket: string }, key: string): PartStore => ({
  put: async (bytes) => {
    if (away.has(plan.bucket)) throw new Error('away');
    objects.set(`${plan.bucket}/${key}`, bytes.slice());
  },
  begin: () => Promise.reject(new Error('too large for this test')),
});

function planOf(files: Partial<FilePlan>[], change: Partial<EgressPlan> = {}): EgressPlan {
  const program = Program.parse({ ...SIZE, fps: FPS, ladder: [{ id: '180p', height: 180, bitrateKbps: 300 }] });
  const plans = files.map((file, index) => ({ index, container: 'mp4', key: 'show.mp4', storage: STORAGE, ...file }));
  const plan = { egressId: 'EG_test', spoolFolder: folder, files: plans, program, audio: { bitrateKbps: 128 } };
  return { ...plan, segments: null, ...change } as unknown as EgressPlan;
}

/** Real encoders on a line, as the pipeline drives it. */
async function takeSeconds(
  plan: EgressPlan,
  seconds: number,
  { startMs = Date.now(), ...storing }: { startMs?: number } & FileStoring = {},
): Promise<FileLine> {
  const line = (await FileLine.open(plan, log, { openStore, pausesMs: [1], ...storing }))!;
  const video = await VideoEncoder.open({ ...SIZE, fps: FPS, bitrateKbps: 300 });
  const audio = await AudioEncoder.open(128);
  const format = {
    video: { kind: 'video' as const, timescale: 90_000, ...SIZE, avcC: video.avcC, bitrate: 300_000 },
    audio: { kind: 'audio' as const, timescale: 48_000, channels: 2, config: audio.config, bitrate: 128_000 },
  };
  const timeline = openTimeline(startMs, line.earlier);
  line.begin({ timeline, ...format }, () => {});
  const luma = SIZE.width * SIZE.height;
  for (let i = 0; i < seconds * FPS; i++) {
    const data = new Uint8Array((luma * 3) / 2).fill(40 + (i % 180), 0, luma).fill(128, luma);
    const frame = copyToFrame({ data, ...SIZE });
    for (const packet of await video.encode(frame, { pts: i, duration: 1, key: i % 60 === 0 })) line.video(packet);
    frame.free();
  }
  for (let pts = 0; pts < seconds * 48_000; pts += FRAME_SAMPLES) {
    const block = Float32Array.from(
      { length: 2 * FRAME_SAMPLES },
      (_, i) => 0.3 * Math.sin(((pts + (i % FRAME_SAMPLES)) * 440 * 2 * Math.PI) / 48_000),
    );
    line.sound(block);
    for (const packet of audio.encode(block, pts + PRIMING_SAMPLES)) line.audio(packet);
  }
  video.close();
  audio.close();
  return line;
}

async function make(line: FileLine) {
  const told: FromPipeline[] = [];
  const problem = await line.make((message) => told.push(message));
  return { told, problem };
}

async function probe(key: string) {
  const file = join(folder, 'probed');
  await writeFile(file, objects.get(key)!);
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-count_frames',
    '-show_streams',
    '-show_format',
    '-of',
    'json',
    file,
  ]);
  // Times as they are in the file: a pause makes FFmpeg guess a frame rate that it would round them to.
  const asTheyAre = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const { stderr } = await run('ffmpeg', ['-v', 'warning', '-i', file, ...asTheyAre, '-f', 'null', '-']);
  const { streams, format } = JSON.parse(stdout) as {
    streams: { codec_name: string; nb_read_frames: string; start_time: string }[];
    format: { duration: string };
  };
  return { streams, durationS: Number(format.duration), complaints: stderr };
}
const takes = async () => (await readdir(folder)).filter((name) => name.startsWith('openair-take'));

describe('the file of a request', () => {
  test('is one MP4 with picture and sound under the asked key, told with its size and length', async () => {
    const line = await takeSeconds(planOf([{ key: 'a/show.mp4' }]), 4);
    const { told, problem } = await make(line);
    const { streams, durationS, complaints } = await probe('b/a/show.mp4');
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
    expect(Number(streams[0]?.nb_read_frames)).toBe(120);
    expect(Math.abs(durationS - 4)).toBeLessThan(0.1);
    expect([complaints, problem]).toEqual(['', null]);
    const [file] = told;
    expect(told).toMatchObject([
      { t: 'file', index: 0, key: 'a/show.mp4', bytes: objects.get('b/a/show.mp4')!.length },
    ]);
    expect(file?.t === 'file' && Math.abs(file.durationMs - 4000)).toBeLessThan(100);
    expect(await takes()).toEqual([]);
  });

  test('is whole after the process died in the middle of a write: the next one goes on, in true time', async () => {
    const plan = planOf([{}]);
    const first = await takeSeconds(plan, 2, { startMs: Date.now() });
    await first.close();
    const [take = ''] = await takes();
    // The last write of a process that was killed.
    await appendFile(join(folder, take, 'video-1.part'), Buffer.from([0, 1, 0, 0, 0x6d, 0x6f, 0x6f, 0x66, 1, 2, 3]));
    const startMs = Date.now() + 5000;
    const second = await takeSeconds(plan, 2, { startMs });
    await make(second);
    const { streams, durationS, complaints } = await probe('b/show.mp4');
    expect(Number(streams[0]?.nb_read_frames)).toBe(120);
    expect(durationS).toBeGreaterThan(7);
    expect(durationS).toBeLessThan(8.5);
    expect(complaints).toBe('');
  });

  test.each([
    ['m4a', 'aac'],
    ['ogg', 'opus'],
    ['mp3', 'mp3'],
  ] as const)('of sound alone is %s (%s), and goes on after a restart', async (container, codec) => {
    const plan = planOf([{ container, key: `sound.${container}` }], { audioOnly: true });
    const first = await takeSeconds(plan, 2);
    await first.close();
    const { problem } = await make(await takeSeconds(plan, 2, { startMs: Date.now() + 2000 }));
    const { streams, durationS, complaints } = await probe(`b/sound.${container}`);
    expect(streams.map(({ codec_name }) => codec_name)).toEqual([codec]);
    // MP3 has no head that says its length.
    const said = complaints.split('\n').filter((line) => line !== '' && !line.includes('Estimating duration'));
    expect([said, problem]).toEqual([[], null]);
    if (container !== 'ogg') expect(durationS).toBeGreaterThan(3.9);
    // A chain of Ogg streams says its length link by link: it is counted by decoding.
    const { stderr } = await run('ffmpeg', ['-v', 'info', '-i', join(folder, 'probed'), '-f', 'null', '-']);
    const [, minutes, seconds] = [...stderr.matchAll(/time=\d+:(\d+):([\d.]+)/g)].at(-1)!;
    expect(Number(minutes) * 60 + Number(seconds)).toBeGreaterThan(3.9);
  });
});

describe('a file that may not grow for ever', () => {
  test('is said to be full once, and what was taken until then is made', async () => {
    let full = 0;
    const line = await takeSeconds(planOf([{}], { fileBytes: 50_000 }), 4, { onLimit: () => full++ });
    expect([full, (await make(line)).problem]).toEqual([1, null]);
    let small = 0;
    await (await takeSeconds(planOf([{}], { fileBytes: 5_000_000 }), 1, { onLimit: () => small++ })).close();
    expect(small).toBe(0);
  });

  test('counts what the processes before it took', async () => {
    await (await takeSeconds(planOf([{}]), 2)).close();
    const [take = ''] = await takes();
    const sizes = await Promise.all(
      (await readdir(join(folder, take))).map(async (name) => (await stat(join(folder, take, name))).size),
    );
    const taken = sizes.reduce((sum, size) => sum + size, 0);
    let full = 0;
    const line = await takeSeconds(planOf([{}], { fileBytes: taken + 1000 }), 1, { onLimit: () => full++ });
    await line.close();
    expect(full).toBe(1);
  });

  test('begins although the process before it was killed in its first instant', async () => {
    await mkdir(join(folder, 'openair-take-EG_test'));
    await writeFile(join(folder, 'openair-take-EG_test', 'take.json'), '{"starte');
    const line = await takeSeconds(planOf([{}]), 1);
    expect((await make(line)).problem).toBeNull();
  });
});

describe('when a file cannot be stored', () => {
  test('a bucket that is not there is told at the start already, and at the end without tries in vain', async () => {
    const noBucket = Object.assign(new Error('no'), { code: 'NoSuchBucket' });
    let puts = 0;
    const refusing = (): PartStore => ({
      put: () => {
        puts++;
        return Promise.reject(noBucket);
      },
      begin: () => Promise.reject(noBucket),
    });
    const told: [number, string][] = [];
    const onRefused = (...why: [number, string]) => void told.push(why);
    const line = await takeSeconds(planOf([{}]), 1, { openStore: refusing, pausesMs: [60_000], onRefused });
    await expect.poll(() => told).toEqual([[0, expect.stringContaining('The bucket "b" does not exist.')]]);
    expect((await make(line)).problem).toContain('The bucket "b" does not exist.');
    expect(puts).toBe(1);
  });

  test('it goes to the backup storage, and that is told', async () => {
    away.add('b');
    const line = await takeSeconds(planOf([{ storage: { ...STORAGE, backup: { ...STORAGE, bucket: 'spare' } } }]), 1);
    const { told, problem } = await make(line);
    expect([problem, objects.has('spare/show.mp4')]).toEqual([null, true]);
    expect(told.map(({ t }) => t)).toEqual(['backup-used', 'file']);
  });

  test('the rest of the files are made, the take stays on disk, and a person is told what is wrong', async () => {
    away.add('broken');
    const plan = planOf([{ storage: { ...STORAGE, bucket: 'broken' } }, { key: 'other.mp4' }]);
    const line = await takeSeconds(plan, 1);
    const { told, problem } = await make(line);
    expect(problem).toBe('The file could not be stored.');
    expect(told).toMatchObject([{ t: 'file', index: 1, key: 'other.mp4' }]);
    expect((await takes()).length).toBe(1);
  });

  test('what was left of old ones is removed after a week', async () => {
    for (const [name, days] of [
      ['openair-take-EG_old', 8],
      ['openair-take-EG_new', 6],
      ['something-else', 99],
    ] as const) {
      await mkdir(join(folder, name));
      const at = new Date(Date.now() - days * 24 * 3_600_000);
      await utimes(join(folder, name), at, at);
    }
    await (await FileLine.open(planOf([{}]), log))?.close();
    expect((await readdir(folder)).sort()).toEqual(['openair-take-EG_new', 'openair-take-EG_test', 'something-else']);
  });

  test('of a kind that we do not write, the egress is refused before it begins', async () => {
    await expect(FileLine.open(planOf([{ container: 'webm' }]), log)).rejects.toThrow('webm');
  });

  test('nothing is opened for a plan without files', async () => {
    expect(await FileLine.open(planOf([]), log)).toBeNull();
    expect(await takes()).toEqual([]);
  });
});
