import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBoxes, viewOf } from './read-boxes.ts';
import { type MovieSource, remux } from './remux.ts';
import { MemorySink } from './testing/memory-sink.ts';

/** What FFmpeg, as an independent reader, makes of our files. */
const run = promisify(execFile);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'openair-mp4-'));
  const cmaf = [
    '-f',
    'mp4',
    '-movflags',
    '+empty_moov+default_base_moof+frag_custom+cmaf',
    '-frag_duration',
    '1000000',
  ];
  const x264 = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '0',
    '-g',
    '30',
    '-keyint_min',
    '30',
    '-pix_fmt',
    'yuv420p',
  ];
  const picture = (size: string, file: string) =>
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${size}:rate=30`,
      '-t',
      '6',
      ...x264,
      ...cmaf,
      '-movflags',
      '+frag_keyframe',
      file,
    );
  await Promise.all([
    picture('320x180', 'video.mp4'),
    picture('160x90', 'small.mp4'),
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:sample_rate=48000',
      '-t',
      '6',
      '-ac',
      '2',
      '-c:a',
      'aac',
      ...cmaf,
      'audio.mp4',
    ),
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ffmpeg = (...args: string[]) => run('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });

/** Header and one-second segments of a fragmented file; `shiftS` moves its times. */
async function cut(name: string, shift = 0): Promise<{ init: Uint8Array; segments: Uint8Array[] }> {
  const bytes = new Uint8Array(await readFile(joinPath(folder, name)));
  const view = viewOf(bytes);
  const top: { type: string; from: number; to: number }[] = [];
  for (const { type, start, end } of readBoxes(view)) {
    if (type === 'tfdt') view.setBigUint64(start + 4, view.getBigUint64(start + 4) + BigInt(shift));
    if (['ftyp', 'moov', 'moof', 'mdat'].includes(type)) top.push({ type, from: start - 8, to: end });
  }
  const moofs = top.filter(({ type }) => type === 'moof').map(({ from }) => from);
  const lastMdat = top.findLast(({ type }) => type === 'mdat')!.to;
  return {
    init: bytes.slice(0, moofs[0]),
    segments: moofs.map((from, i) => bytes.slice(from, moofs[i + 1] ?? lastMdat)),
  };
}

type Cut = Awaited<ReturnType<typeof cut>>;
const sourceOf = (...epochs: Cut[]): MovieSource => ({
  expected: { durationS: 12, samplesPerS: 50 },
  init: async (epoch) => epochs[epoch - 1]?.init ?? null,
  segments: epochs.flatMap(({ segments }, i) => segments.map((bytes) => ({ epoch: i + 1, read: async () => bytes }))),
});

async function makeFile(name: string, ...sources: MovieSource[]): Promise<void> {
  const sink = new MemorySink();
  const facts = { title: 'Évening show', createdAtMs: Date.UTC(2026, 1, 3, 4, 5, 6) };
  await remux(sources, [{ tracks: sources.map((_, i) => i), facts, open: async () => sink }]);
  await writeFile(joinPath(folder, name), sink.file!);
}

type Probe = {
  format: { duration: string; tags: Record<string, string> };
  streams: { codec_type: string; nb_read_frames: string; start_time: string; duration: string; width?: number }[];
};
async function probe(name: string): Promise<Probe> {
  const show = ['-count_frames', '-show_streams', '-show_format', '-of', 'json'];
  const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', ...show, name], { cwd: folder });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}
/** Decodes all of it. @returns what the decoder complained of */
const decode = async (name: string) =>
  (await run('ffmpeg', ['-v', 'warning', '-i', name, '-f', 'null', '-'], { cwd: folder })).stderr;
/** One line a decoded picture: time, size, hash. */
const pictures = async (name: string) =>
  (await run('ffmpeg', ['-v', 'error', '-i', name, '-map', '0:v', '-f', 'framemd5', '-'], { cwd: folder })).stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim());

describe('a recording, read by FFmpeg', () => {
  test('is whole: every picture and every sound frame, bit by bit, from the first instant', async () => {
    await makeFile('whole.mp4', sourceOf(await cut('video.mp4')), sourceOf(await cut('audio.mp4')));
    const { format, streams } = await probe('whole.mp4');
    expect(streams.map(({ codec_type, nb_read_frames }) => [codec_type, Number(nb_read_frames)])).toEqual([
      ['video', 180],
      ['audio', 283], // 6 s and the encoder's priming
    ]);
    expect(Number(format.duration)).toBeCloseTo(6, 1);
    expect(format.tags.title).toBe('Évening show');
    expect(format.tags.creation_time).toContain('2026-02-03T04:05:06');
    for (const { start_time } of streams) expect(Math.abs(Number(start_time))).toBeLessThan(0.022);
    expect(await decode('whole.mp4')).toBe('');
    expect(await pictures('whole.mp4')).toEqual(await pictures('video.mp4'));
    const bytes = await readFile(joinPath(folder, 'whole.mp4'));
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  });

  test('over a break of three seconds: the sound is silent there and in time behind it', async () => {
    const [video, audio] = [await cut('video.mp4'), await cut('audio.mp4')];
    const [later, laterSound] = [await cut('video.mp4', 9 * 15_360), await cut('audio.mp4', 9 * 48_000 + 77)];
    await makeFile('break.mp4', sourceOf(video, later), sourceOf(audio, laterSound));
    const { format, streams } = await probe('break.mp4');
    expect(streams.map(({ nb_read_frames }) => Number(nb_read_frames))).toEqual([360, 2 * 283 + 139]);
    expect(Number(format.duration)).toBeCloseTo(15, 1);
    expect(await decode('break.mp4')).toBe('');
    const volume = async (from: number, to: number) => {
      const args = [
        '-v',
        'info',
        '-i',
        'break.mp4',
        '-af',
        `atrim=${from}:${to},volumedetect`,
        '-vn',
        '-f',
        'null',
        '-',
      ];
      const { stderr } = await run('ffmpeg', args, { cwd: folder });
      return Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1]);
    };
    expect(await volume(6.3, 8.7)).toBeLessThan(-80);
    expect(await volume(9.3, 11)).toBeGreaterThan(-25);
  });

  test('over a restart with another picture size: both halves decode', async () => {
    const small = await cut('small.mp4', 6 * 15_360);
    await makeFile('sizes.mp4', sourceOf(await cut('video.mp4'), small));
    expect(await pictures('sizes.mp4')).toHaveLength(360);
    const { streams } = await probe('sizes.mp4');
    expect(streams[0]).toMatchObject({ width: 320, nb_read_frames: '360' });
  });

  test('of sound alone', async () => {
    await makeFile('sound.m4a', sourceOf(await cut('audio.mp4')));
    expect(await decode('sound.m4a')).toBe('');
    expect((await probe('sound.m4a')).streams.map(({ codec_type }) => codec_type)).toEqual(['audio']);
  });
});
