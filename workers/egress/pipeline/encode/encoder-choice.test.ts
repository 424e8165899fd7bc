import '../native.ts';
import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type EncoderPlan, HARDWARE_ENCODERS } from '../../plan.ts';
import { EncoderChoice, type OpenHardware } from './encoder-choice.ts';
import type { RungEncoder } from './rung-line.ts';
import { VideoEncoder, type VideoSettings } from './video.ts';

const SIZES = [1080, 720, 360].map((height) => ({ width: (height * 16) / 9, height, fps: 30, bitrateKbps: 1000 }));
const said: string[] = [];
const log = { warn: (_facts: object, sentence: string) => void said.push(sentence) };
const opened: RungEncoder[] = [];
afterEach(() => {
  said.length = 0;
  for (const encoder of opened.splice(0)) encoder.close();
});

async function namesOf(choice: EncoderChoice, sizes: VideoSettings[] = SIZES): Promise<string[]> {
  for (const size of sizes) opened.push(await choice.open(size));
  return opened.map(({ name }) => name);
}

/** A GPU: serves a size unless `refuses` has a reason. */
const gpu =
  (refuses: (name: string, settings: VideoSettings) => string | null, asked: string[] = []): OpenHardware =>
  async (settings, name, device) => {
    asked.push(`${name} ${settings.height} ${device}`);
    const reason = refuses(name, settings);
    if (reason) throw new Error(reason);
    const encoder = await VideoEncoder.open(settings);
    const { avcC, codecs } = encoder;
    const { encode, finish, close } = {
      encode: encoder.encode.bind(encoder),
      finish: () => encoder.finish(),
      close: () => encoder.close(),
    };
    return { name, settings, avcC, codecs, encode, finish, close };
  };

const plan = (...names: EncoderPlan['names']): EncoderPlan => ({ names, device: '/dev/dri/renderD128' });

test('without a wish there is x264, and nothing to say', async () => {
  const choice = new EncoderChoice(undefined, log);
  expect(await namesOf(choice)).toEqual(['libx264', 'libx264', 'libx264']);
  expect(choice.notes).toEqual([]);
});

test('the first of the list that opens serves every rung', async () => {
  const asked: string[] = [];
  const open = gpu((name) => (name === 'h264_nvenc' ? 'no such device' : null), asked);
  const choice = new EncoderChoice(plan('h264_nvenc', 'h264_vaapi'), log, open);
  expect(await namesOf(choice)).toEqual(['h264_vaapi', 'h264_vaapi', 'h264_vaapi']);
  expect(asked).toEqual([
    'h264_nvenc 1080 /dev/dri/renderD128',
    ...[1080, 720, 360].map((height) => `h264_vaapi ${height} /dev/dri/renderD128`),
  ]);
  expect(choice.notes).toEqual(['h264_nvenc is not to be had (no such device). The next encoder is used.']);
  expect(said).toEqual(choice.notes);
});

test('a GPU that serves no more sessions leaves that rung to x264, said once', async () => {
  const open = gpu((_name, { height }) => (height < 1080 ? 'out of sessions' : null));
  const choice = new EncoderChoice(plan('h264_nvenc'), log, open);
  expect(await namesOf(choice)).toEqual(['h264_nvenc', 'libx264', 'libx264']);
  expect(said).toEqual([
    'h264_nvenc encodes some rungs and not 1280 × 720 (out of sessions). The next encoder does that one.',
  ]);
});

test('what was lost in an earlier process is not tried again, and still told', async () => {
  const asked: string[] = [];
  const lost = [{ name: 'h264_nvenc', reason: 'the device is gone' }];
  const choice = new EncoderChoice(
    { ...plan('h264_nvenc'), lost },
    log,
    gpu(() => null, asked),
  );
  expect(await namesOf(choice)).toEqual(['libx264', 'libx264', 'libx264']);
  expect(asked).toEqual([]);
  expect(choice.notes).toEqual([
    'h264_nvenc failed while on air (the device is gone). The next encoder has taken its place.',
  ]);
});

test('a render node that is not there is named', async () => {
  const choice = new EncoderChoice({ names: ['h264_vaapi'], device: '/dev/dri/none' }, log);
  expect(await namesOf(choice, [SIZES[2]!])).toEqual(['libx264']);
  expect(said).toEqual([expect.stringContaining('there is no /dev/dri/none')]);
});

// What such a machine has is tried by its owner; here the fall-back is the real thing.
test.skipIf(existsSync('/dev/dri') || existsSync('/dev/nvidia0'))(
  'on a machine without a GPU every hardware encoder of FFmpeg falls back to x264, each with its reason',
  async () => {
    const choice = new EncoderChoice({ names: [...HARDWARE_ENCODERS], device: null }, log);
    expect(await namesOf(choice)).toEqual(['libx264', 'libx264', 'libx264']);
    expect(said.map((sentence) => sentence.split(' ')[0])).toEqual([...HARDWARE_ENCODERS]);
    expect(said[0]).toMatch(/no NVIDIA GPU or driver/);
    const picture = opened[0]!;
    expect(picture.codecs).toMatch(/^avc1\.64/);
  },
);
