import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAmf0 } from '../rtmp/amf0.ts';
import { decide, type PictureFacts } from './decide.ts';
import { parseAacConfig, parseAudioTags, parseVideoTags } from './flv.ts';
import { parseAvcConfig, parseSps, splitNals, toAnnexB } from './h264.ts';
import { readMetadata } from './metadata.ts';
import { Meter } from './meter.ts';
import { SoundClock, stretched } from './sound-clock.ts';
import { SILENT_DB, SoundLevel } from './sound-level.ts';
import { encodeFrameHead, FrameReader, type MediaFrame } from './wire.ts';

// x264, 1280x720, high profile, with B-frames.
const SPS_WITH_B = Buffer.from('6764001facd9405005bb0110000003001000000303c0f1831960', 'hex');

const parseVideoTag = (body: Buffer) => parseVideoTags(body)[0] ?? null;
const parseAudioTag = (body: Buffer) => parseAudioTags(body)[0] ?? null;

describe('FLV tags', () => {
  test('AVC configuration, key frame and a negative composition time are read', () => {
    expect(parseVideoTag(Buffer.from([0x17, 0, 0, 0, 0, 1, 2]))).toMatchObject({
      codec: 'h264',
      kind: 'config',
      isKey: true,
    });
    const tag = parseVideoTag(Buffer.from([0x27, 1, 0xff, 0xff, 0xfe, 9, 9]));
    expect(tag).toMatchObject({ kind: 'frame', isKey: false, compositionMs: -2 });
    expect(tag?.data).toEqual(Buffer.from([9, 9]));
  });

  test('enhanced RTMP: HEVC with and without composition time, AV1', () => {
    const hevc = Buffer.concat([Buffer.from([0x91]), Buffer.from('hvc1'), Buffer.from([0, 0, 33, 7])]);
    expect(parseVideoTag(hevc)).toMatchObject({ codec: 'hevc', kind: 'frame', isKey: true, compositionMs: 33 });
    const plain = Buffer.concat([Buffer.from([0xa3]), Buffer.from('hvc1'), Buffer.from([7])]);
    expect(parseVideoTag(plain)).toMatchObject({ codec: 'hevc', kind: 'frame', isKey: false, compositionMs: 0 });
    const av1 = Buffer.concat([Buffer.from([0x90]), Buffer.from('av01'), Buffer.from([1])]);
    expect(parseVideoTag(av1)).toMatchObject({ codec: 'av1', kind: 'config' });
  });

  test('sound: AAC configuration and frames, MP3, and what we do not take', () => {
    expect(parseAudioTag(Buffer.from([0xaf, 0, 0x12, 0x10]))).toMatchObject({ codec: 'aac', kind: 'config' });
    expect(parseAacConfig(Buffer.from([0x12, 0x10]))).toEqual({ sampleRate: 44_100, channels: 2 });
    expect(parseAudioTag(Buffer.from([0x2f, 1]))).toMatchObject({ codec: 'mp3', kind: 'frame' });
    expect(parseAudioTag(Buffer.from([0xb2, 1]))).toMatchObject({ codec: 'other', codecName: 'Speex' });
  });

  test('a multitrack message gives one tag a track, whatever codec each has', () => {
    const many = Buffer.concat([
      Buffer.from([0x95, 0x11]), // multitrack; many tracks of one codec, coded frames
      Buffer.from('mp4a'),
      Buffer.from([0, 0, 0, 2, 7, 7, 1, 0, 0, 1, 9]),
    ]);
    expect(parseAudioTags(many)).toMatchObject([
      { track: 0, codec: 'aac', kind: 'frame', data: Buffer.from([7, 7]) },
      { track: 1, codec: 'aac', kind: 'frame', data: Buffer.from([9]) },
    ]);
    const codecs = Buffer.concat([
      Buffer.from([0x96, 0x20]), // multitrack; many tracks of many codecs, configuration
      Buffer.from('hvc1'),
      Buffer.from([0, 0, 0, 1, 5]),
      Buffer.from('av01'),
      Buffer.from([1, 0, 0, 1, 6]),
    ]);
    expect(parseVideoTags(codecs)).toMatchObject([
      { track: 0, codec: 'hevc', kind: 'config' },
      { track: 1, codec: 'av1', kind: 'config' },
    ]);
    const one = Buffer.concat([Buffer.from([0x95, 0x01]), Buffer.from('Opus'), Buffer.from([3, 8, 8, 8])]);
    expect(parseAudioTags(one)).toMatchObject([{ track: 3, codec: 'opus', data: Buffer.from([8, 8, 8]) }]);
    expect(parseAudioTags(many.subarray(0, 11))).toHaveLength(0);
  });

  test('modifiers before an enhanced message are stepped over, a bomb of them is nothing', () => {
    const nanoseconds = Buffer.from([0x97, 2, 0, 0, 9, 0x01]);
    const tag = Buffer.concat([nanoseconds, Buffer.from('hvc1'), Buffer.from([0, 0, 33, 7])]);
    expect(parseVideoTags(tag)).toMatchObject([{ codec: 'hevc', kind: 'frame', compositionMs: 33, isKey: true }]);
    const bomb = Buffer.alloc(4_000, 0x07);
    bomb[0] = 0x97;
    expect(parseVideoTags(bomb)).toEqual([]);
    expect(parseVideoTags(Buffer.from([0xd0, ...Buffer.from('hvc1'), 1]))).toEqual([]);
  });

  test('any bytes give a tag or null, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const body = Buffer.from(bytes);
        const video = parseVideoTag(body);
        parseAudioTag(body);
        parseVideoTag(Buffer.concat([Buffer.from([0x96]), body]));
        parseAudioTag(Buffer.concat([Buffer.from([0x95]), body]));
        parseVideoTag(Buffer.concat([Buffer.from([0x97]), body]));
        readMetadata(body);
        parseAvcConfig(body);
        parseSps(body);
        if (video) splitNals(video.data, 4);
        return true;
      }),
      { numRuns: 500 },
    );
  });

  test('metadata names the encoder, its rate and its size, and damaged metadata names nothing', () => {
    const told = { encoder: 'obs-output module (libobs version 29.0.2)', framerate: 30, width: 1280, height: -1 };
    const body = encodeAmf0(['onMetaData', told]);
    expect(readMetadata(body)).toEqual({
      encoder: 'obs-output module (libobs version 29.0.2)',
      fps: 30,
      width: 1280,
      height: 0,
    });
    expect(readMetadata(body.subarray(0, 30))).toEqual({ encoder: '', fps: 0, width: 0, height: 0 });
  });
});

describe('H.264', () => {
  const sps = SPS_WITH_B;
  const pps = Buffer.from([0x68, 0xeb, 0xe3, 0xcb]);
  const avcc = Buffer.concat([
    Buffer.from([1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, sps.length]),
    sps,
    Buffer.from([1, 0, pps.length]),
    pps,
  ]);
  const nal = (type: number, length = 4) => {
    const unit = Buffer.concat([Buffer.alloc(4), Buffer.alloc(length, 0x80)]);
    unit.writeUInt32BE(length);
    unit[4] = type;
    return unit;
  };

  test('size, profile and the promise about B-frames are read from the parameter set', () => {
    expect(parseSps(sps)).toMatchObject({
      profileIdc: 100,
      width: 1280,
      height: 720,
      interlaced: false,
      chromaFormat: 1,
    });
    expect(parseSps(sps)?.reorderFrames).toBe(2);
    expect(parseSps(sps.subarray(0, 6))).toBeNull();
  });

  test('parameter sets go before each IDR, and delimiters are left out', () => {
    const config = parseAvcConfig(avcc);
    if (!config) throw new Error('avcC was not read');
    const idr = toAnnexB(Buffer.concat([nal(9, 2), nal(0x65)]), config);
    expect(idr?.isIdr).toBe(true);
    const start = Buffer.from([0, 0, 0, 1]);
    expect(idr?.data).toEqual(Buffer.concat([start, sps, start, pps, start, nal(0x65).subarray(4)]));
    const later = toAnnexB(nal(0x41), config);
    expect(later).toEqual({ isIdr: false, data: Buffer.concat([start, nal(0x41).subarray(4)]) });
    expect(toAnnexB(nal(9, 2), config)).toBeNull();
  });

  test('a damaged length ends the picture, not the process', () => {
    expect(splitNals(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2]), 4)).toEqual([]);
    expect(parseAvcConfig(avcc.subarray(0, 12))).toBeNull();
  });
});

describe('copy or transcode', () => {
  const good: PictureFacts = {
    codec: 'h264',
    codecName: 'H.264',
    sps: {
      profileIdc: 100,
      chromaFormat: 1,
      bitDepth: 8,
      width: 1280,
      height: 720,
      interlaced: false,
      reorderFrames: 0,
    },
    sawReordering: false,
    keysAreRare: false,
    keyIntervalMs: 2_002,
    mustTranscode: false,
  };
  const withSps = (change: Partial<NonNullable<PictureFacts['sps']>>): PictureFacts => ({
    ...good,
    sps: good.sps && { ...good.sps, ...change },
  });

  test('H.264 without B-frames and with a key frame every 2 s is copied, also when the stream promises nothing', () => {
    expect(decide(good)).toEqual({ mode: 'copy', reason: '', advice: '' });
    expect(decide(withSps({ reorderFrames: null })).mode).toBe('copy');
    expect(decide({ ...good, sps: null }).mode).toBe('copy');
  });

  test.each([
    ['B-frames promised', withSps({ reorderFrames: 2 }), /B-frames/],
    ['B-frames seen', { ...good, sawReordering: true }, /B-frames/],
    ['rare key frames', { ...good, keysAreRare: true, keyIntervalMs: 4_000 }, /keyframe interval/],
    ['10 bit', withSps({ bitDepth: 10 }), /NV12/],
    ['4:4:4', withSps({ chromaFormat: 3 }), /NV12/],
    ['interlaced', withSps({ interlaced: true }), /progressive/],
    ['HEVC', { ...good, codec: 'hevc' as const, codecName: 'HEVC', sps: null }, /H\.264/],
  ])('%s is transcoded, with a reason and what to change', (_name, facts, advice) => {
    const decision = decide(facts);
    expect(decision.mode).toBe('transcode');
    expect(decision.reason).not.toBe('');
    expect(decision.advice).toMatch(advice);
  });

  test('an ingress that sets its own encoding is never copied', () => {
    expect(decide({ ...good, mustTranscode: true }).mode).toBe('transcode');
  });

  test('a codec without a decoder is refused', () => {
    expect(decide({ ...good, codec: 'other', codecName: 'VP6' })).toMatchObject({ mode: 'refuse' });
  });
});

describe('sound on the clock', () => {
  const ms = (count: number) => Buffer.alloc(count * 48 * 4, 1);
  function start() {
    const frames: { at: number; silent: boolean }[] = [];
    const clock = new SoundClock((pcm, at) => frames.push({ at, silent: pcm.every((byte) => byte === 0) }));
    return { clock, frames };
  }

  test('frames are 20 ms, without holes between them', () => {
    const { clock, frames } = start();
    for (let i = 0; i < 10; i += 1) clock.push(ms(21), 1_000 + i * 21);
    expect(frames).toHaveLength(10);
    expect(frames.map((one) => one.at)).toEqual(Array.from({ length: 10 }, (_, i) => 48_000 + i * 960));
  });

  test('a short hole becomes silence, and what overlaps is left out', () => {
    const { clock, frames } = start();
    clock.push(ms(100), 0);
    clock.push(ms(100), 300);
    expect(frames.filter((one) => one.silent)).toHaveLength(10);
    const before = frames.length;
    clock.push(ms(100), 200);
    expect(frames).toHaveLength(before);
  });

  test('a connection that finds its place in the first burst has its sound there at once, not stretched after for seconds', () => {
    for (const lateMs of [35, -35]) {
      const { clock, frames } = start();
      const ends = () => ((frames.at(-1)?.at ?? 0) + 960) / 48;
      clock.push(ms(200), 1_000);
      for (let at = 1_200; at < 1_600; at += 20) clock.push(ms(20), at + lateMs);
      expect(Math.abs(ends() - 1_600 - lateMs)).toBeLessThan(21);
      // Later the same is drift: nothing is cut and nothing put in.
      for (let at = 1_600; at < 6_000; at += 20) clock.push(ms(20), at + lateMs);
      const silent = frames.filter((one) => one.silent).length;
      const before = ends();
      clock.push(ms(20), 6_000 + 2 * lateMs);
      clock.push(ms(20), 6_020 + 2 * lateMs);
      expect(ends() - before).toBeGreaterThanOrEqual(20);
      expect(frames.filter((one) => one.silent)).toHaveLength(silent);
      // Another connection of the encoder settles again.
      clock.begin();
      clock.push(ms(100), 6_040 + 2 * lateMs);
      clock.push(ms(100), 6_140 + 2 * lateMs);
      expect(Math.abs(ends() - 6_240 - 2 * lateMs)).toBeLessThan(21);
    }
  });

  test('a drifting encoder is stretched after, without holes and without cuts', () => {
    const { clock, frames } = start();
    // 0.1 % fast, for ten minutes: 600 ms that have to go somewhere.
    for (let i = 0; i < 30_000; i += 1) clock.push(ms(20), i * 20 * 0.999);
    expect(frames.every((one) => !one.silent)).toBe(true);
    const end = ((frames.at(-1)?.at ?? 0) + 960) / 48;
    expect(Math.abs(end - 600_000 * 0.999)).toBeLessThan(60);
    expect(frames.every((one, i) => i === 0 || one.at === (frames[i - 1]?.at ?? 0) + 960)).toBe(true);
  });

  test('stretching keeps the ends and the shape of a sound', () => {
    const ramp = Buffer.alloc(1_000 * 4);
    for (let i = 0; i < 1_000; i += 1) {
      ramp.writeInt16LE(i * 10, i * 4);
      ramp.writeInt16LE(-i * 10, i * 4 + 2);
    }
    for (const gap of [500, -500]) {
      const made = stretched(ramp, gap);
      expect(made.length / 4).toBe(gap > 0 ? 1_004 : 996);
      expect([made.readInt16LE(0), made.readInt16LE(made.length - 4)]).toEqual([0, 9_990]);
      const left = Array.from({ length: made.length / 4 }, (_, i) => made.readInt16LE(i * 4));
      expect(left.every((value, i) => i === 0 || value - (left[i - 1] ?? 0) >= 9)).toBe(true);
    }
  });

  test('silence goes on when nothing comes, and gives way when sound is back', () => {
    const { clock, frames } = start();
    clock.push(ms(100), 0);
    for (let now = 100; now <= 3_000; now += 20) clock.fill(now);
    const last = frames.at(-1);
    expect(last?.silent).toBe(true);
    expect((last?.at ?? 0) / 48).toBeGreaterThan(2_700);
    clock.push(ms(100), 3_010);
    expect(frames.at(-1)?.silent).toBe(false);
    expect(frames.every((one, i) => i === 0 || one.at > (frames[i - 1]?.at ?? 0))).toBe(true);
  });
});

test('the level of a sound is told in dB of full scale, and each reading begins anew', () => {
  const level = new SoundLevel();
  expect(level.take()).toBeNull();
  const half = Buffer.alloc(400);
  for (let at = 0; at < half.length; at += 2) half.writeInt16LE(at % 4 === 0 ? 16_384 : -16_384, at);
  level.add(half);
  expect(level.take()).toEqual({ peakDb: -6, rmsDb: -6 });
  level.add(Buffer.alloc(100));
  expect(level.take()).toEqual({ peakDb: SILENT_DB, rmsDb: SILENT_DB });
});

describe('between parent and child', () => {
  test('frames come out as they went in, however the pipe cuts them', () => {
    const sent: MediaFrame[] = [
      { kind: 1, timestampMs: 0, body: Buffer.alloc(0) },
      { kind: 9, timestampMs: 4_294_967_295, body: Buffer.alloc(70_000, 3) },
      { kind: 8, timestampMs: 5, body: Buffer.from([1]) },
    ];
    const bytes = Buffer.concat(
      sent.flatMap((one) => [encodeFrameHead(one.kind, one.timestampMs, one.body.length), one.body]),
    );
    for (const step of [1, 7, 4_096, 65_536, bytes.length]) {
      const got: MediaFrame[] = [];
      const reader = new FrameReader((frame) => got.push({ ...frame, body: Buffer.from(frame.body) }));
      for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
      expect(got).toEqual(sent);
    }
  });

  test('rates count by the encoder clock, not by arrival', () => {
    const meter = new Meter();
    for (let i = 0; i <= 60; i += 1) meter.add(1_250, (i * 1000) / 30);
    expect(meter.read().perSecond).toBeCloseTo(30, 0);
    expect(meter.read().kbps).toBeCloseTo(300, -1);
  });
});
