import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRuns } from '#core/playback/mp4/fragments';
import { readBoxes, viewOf } from '#core/playback/mp4/read-boxes';
import { readTrackInit } from '#core/playback/mp4/track-init';
import { encodeAmf0 } from '../rtmp/amf0.ts';
import { InputRecorder } from './input-recorder.ts';
import { HeldBytes } from './piece-queue.ts';
import { finish } from './testing/finish.ts';
import { createMemoryDesk } from './testing/memory-desk.ts';
import { packets, times } from './testing/read-file.ts';

/** Codecs of enhanced RTMP: ffmpeg's samples in tags as the specification has them, recorded, finished and read by ffmpeg again. */
const run = promisify(execFile);
const ID = 'ir_00000000000000000001';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openair-codecs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A track's configuration, and its samples with their times, ms. */
async function encode(name: string, configuration: string, args: string[]) {
  const file = join(folder, `${name}.mp4`);
  const fragments = ['-movflags', '+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '1000000'];
  await run('ffmpeg', ['-v', 'error', '-y', ...args, '-t', '4', ...fragments, file]);
  const bytes = await readFile(file);
  const init = readTrackInit(bytes);
  if (!init) throw new Error('no track');
  const at = Buffer.from(init.sampleEntry).indexOf(configuration);
  const size = viewOf(init.sampleEntry).getUint32(at - 4);
  const config = Buffer.from(init.sampleEntry.subarray(at + 4, at - 4 + size));
  const samples = readRuns(bytes).flatMap((run) => {
    let [where, time] = [run.at, run.start];
    return Array.from(run.sizes, (length, i) => {
      const ms = (ticks: number) => Math.round((ticks * 1000) / init.timescale);
      const offset = run.offsets?.[i] ?? 0;
      const sample = {
        ms: ms(time),
        offsetMs: ms(time + offset) - ms(time),
        isKey: run.sync[i] === 1,
        data: bytes.subarray(where, where + length),
      };
      where += length;
      time += run.durations[i] ?? 0;
      return sample;
    });
  });
  expect([...readBoxes(viewOf(bytes))].filter(({ type }) => type === 'moof').length).toBeGreaterThan(1);
  return { file, config, samples };
}

function start() {
  const desk = createMemoryDesk();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const deps = { desk, held: new HeldBytes(1e9), log, makeId: () => ID };
  return { desk, recorder: new InputRecorder({ channelId: 'ch_1' }, 'rtmp', deps) };
}

const head = (first: number, fourcc: string) => Buffer.concat([Buffer.of(first), Buffer.from(fourcc)]);
const [CONFIG, CODED] = [0, 1];
const picture = 'testsrc2=size=320x180:rate=30';

test.each([
  [
    'hevc',
    'hvc1',
    'hvcC',
    ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:keyint=30:bframes=2'],
  ],
  ['av1', 'av01', 'av1C', ['-c:v', 'libsvtav1', '-preset', '12', '-g', '30']],
] as const)(
  '%s is recorded as it came',
  async (name, fourcc, configuration, codec) => {
    const source = ['-f', 'lavfi', '-i', picture, '-pix_fmt', 'yuv420p', ...codec, '-tag:v', fourcc];
    const { file, config, samples } = await encode(name, configuration, source);
    const { desk, recorder } = start();
    recorder.take(18, 0, encodeAmf0(['onMetaData', { width: 320, height: 180 }]), 0);
    recorder.take(9, 0, Buffer.concat([head(0x90 | CONFIG, fourcc), config]), 0);
    for (const { ms, offsetMs, isKey, data } of samples) {
      const composition = Buffer.alloc(name === 'hevc' ? 3 : 0);
      if (composition.length > 0) composition.writeIntBE(offsetMs, 0, 3);
      const first = (isKey ? 0x90 : 0xa0) | CODED;
      recorder.take(9, ms, Buffer.concat([head(first, fourcc), composition, data]), ms);
    }
    await recorder.end();
    const made = await finish(folder, desk, ID);
    expect(await packets(made, 'v')).toEqual(await packets(file, 'v'));
    const [ours, theirs] = [await times(made, 'v'), await times(file, 'v')];
    expect(Math.max(...ours.map((at, i) => Math.abs(at - (theirs[i] ?? 0))))).toBeLessThan(0.002);
    const { stdout } = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name,width,height',
      '-of',
      'csv=p=0',
      made,
    ]);
    expect(stdout.trim()).toBe(`${name},320,180`);
  },
  60_000,
);

test('Opus is recorded as it came, by its own frame lengths', async () => {
  const source = [
    '-f',
    'lavfi',
    '-i',
    'sine=sample_rate=48000',
    '-ac',
    '2',
    '-c:a',
    'libopus',
    '-frame_duration',
    '10',
  ];
  const { file, config, samples } = await encode('opus', 'dOps', source);
  const opusHead = Buffer.concat([Buffer.from('OpusHead'), config]);
  opusHead.writeUInt8(1, 8);
  opusHead.writeUInt16LE(config.readUInt16BE(2), 10);
  opusHead.writeUInt32LE(config.readUInt32BE(4), 12);
  opusHead.writeInt16LE(config.readInt16BE(8), 16);
  const { desk, recorder } = start();
  recorder.take(8, 0, Buffer.concat([head(0x90 | CONFIG, 'Opus'), opusHead]), 0);
  for (const { ms, data } of samples) recorder.take(8, ms, Buffer.concat([head(0x90 | CODED, 'Opus'), data]), ms);
  await recorder.end();
  const made = await finish(folder, desk, ID);
  expect(await packets(made, 'a')).toEqual(await packets(file, 'a'));
  expect((await times(made, 'a')).at(-1)).toBeCloseTo((await times(file, 'a')).at(-1) ?? 0, 2);
}, 60_000);

test('a further sound track is a track of the file; what MP4 does not carry is left out and told', async () => {
  const source = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000', '-ac', '2', '-c:a', 'libopus'];
  const { config, samples } = await encode('tracks', 'dOps', source);
  const opusHead = Buffer.concat([Buffer.from('OpusHead'), config]);
  opusHead.writeUInt8(1, 8);
  const { desk, recorder } = start();
  /** One track of a multitrack message (Enhanced RTMP v2). */
  const track = (packet: number, number: number, data: Buffer) =>
    Buffer.concat([Buffer.of(0x95, packet), Buffer.from('Opus'), Buffer.of(number), data]);
  for (const number of [0, 1]) recorder.take(8, 0, track(CONFIG, number, opusHead), 0);
  recorder.take(8, 0, Buffer.concat([head(0x90 | CODED, 'ac-3'), Buffer.alloc(8)]), 0);
  for (const { ms, data } of samples) for (const number of [0, 1]) recorder.take(8, ms, track(CODED, number, data), ms);
  await recorder.end();
  expect(desk.notes.get(ID)).toMatchObject({
    leftOut: ['AC-3'],
    samples: { audio: samples.length, 'audio-1': samples.length },
  });
  const made = await finish(folder, desk, ID);
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name',
    '-of',
    'csv=p=0',
    made,
  ]);
  expect(stdout.trim().split('\n')).toEqual(['opus', 'opus']);
}, 60_000);
