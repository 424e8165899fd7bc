import { describe, expect, test } from 'vitest';
import { crc32 } from './packets.ts';
import { TsPackager, type TsSegment } from './ts-packager.ts';

const AVCC = Buffer.from([1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 1, 2, 3, 1, 0, 3, 0x68, 4, 5]);
const ASC = Buffer.from([0x11, 0x90]);
const FRAME = 3000;
const AAC = 1920;

type Pes = { pid: number; pts: number; data: Buffer; randomAccess: boolean };

/** Takes a segment apart as a demuxer does, and asserts what one relies on. */
function demux(bytes: Buffer, counters: Map<number, number>): { pes: Pes[]; pids: number[]; pcrs: number[] } {
  expect(bytes.length % 188).toBe(0);
  const pes: Pes[] = [];
  const open = new Map<number, { chunks: Buffer[]; randomAccess: boolean }>();
  const pcrs: number[] = [];
  const pids: number[] = [];
  const close = (pid: number) => {
    const one = open.get(pid);
    open.delete(pid);
    if (!one || pid === 0 || pid === 0x1000) return;
    const all = Buffer.concat(one.chunks);
    expect(all.readUIntBE(0, 3)).toBe(1);
    const length = all.readUInt16BE(4);
    if (length > 0) expect(all.length).toBe(length + 6);
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = all.subarray(9, 14);
    const pts = ((a >> 1) & 7) * 2 ** 30 + (((b << 8) | c) >> 1) * 2 ** 15 + (((d << 8) | e) >> 1);
    pes.push({ pid, pts, data: all.subarray(14), randomAccess: one.randomAccess });
  };
  for (let at = 0; at < bytes.length; at += 188) {
    const packet = bytes.subarray(at, at + 188);
    expect(packet[0]).toBe(0x47);
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const flags = packet[3] ?? 0;
    expect(flags & 0x0f).toBe(((counters.get(pid) ?? -1) + 1) & 0x0f);
    counters.set(pid, flags & 0x0f);
    const fieldLength = flags & 0x20 ? (packet[4] ?? 0) + 1 : 0;
    const fieldFlags = fieldLength > 1 ? (packet[5] ?? 0) : 0;
    if (fieldFlags & 0x10) pcrs.push(packet.readUInt32BE(6) * 2 + ((packet[10] ?? 0) >> 7));
    const payload = packet.subarray(4 + fieldLength);
    if ((packet[1] ?? 0) & 0x40) {
      close(pid);
      pids.push(pid);
      open.set(pid, { chunks: [], randomAccess: (fieldFlags & 0x40) !== 0 });
      if (pid === 0 || pid === 0x1000) {
        const section = payload.subarray(1, 1 + 3 + ((((payload[2] ?? 0) & 0x0f) << 8) | (payload[3] ?? 0)));
        expect(crc32(section)).toBe(0);
      }
    }
    open.get(pid)?.chunks.push(payload);
  }
  for (const pid of [...open.keys()]) close(pid);
  return { pes, pids, pcrs };
}

function unit(size: number, fill: number): Buffer {
  const data = Buffer.alloc(4 + size, fill);
  data.writeUInt32BE(size, 0);
  return data;
}

/** Ten seconds of both, sound running `lagFrames` behind the picture. */
function run(tracks: { video: boolean; audio: boolean }, lagFrames = 0): TsSegment[] {
  const segments: TsSegment[] = [];
  const packager = new TsPackager({
    tracks: { avcC: tracks.video ? AVCC : null, aacConfig: tracks.audio ? ASC : null },
    segmentS: 4,
    onSegment: (segment) => void segments.push(segment),
  });
  let sound = 0;
  for (let i = 0; i < 300; i++) {
    const size = i === 0 ? 100_000 : 100 + ((i * 37) % 400); // one picture above 64 kB, and every length of stuffing
    if (tracks.video) packager.video({ pts: i * FRAME, duration: FRAME, key: i % 60 === 0, data: unit(size, 0x41) });
    for (; tracks.audio && sound * AAC < (i - lagFrames) * FRAME; sound++) {
      packager.audio({ pts: sound * AAC, duration: AAC, data: Buffer.alloc(150 + (sound % 60), 7) });
    }
  }
  packager.finish();
  return segments;
}

describe('TS segments', () => {
  test.each([0, 20])('begin with tables and a key frame at each border, sound %i frames late or not', (lag) => {
    const segments = run({ video: true, audio: true }, lag);
    expect(segments.map(({ durationS, startMs }) => [durationS, startMs])).toEqual([
      [4, 0],
      [4, 4000],
      [2, 8000],
    ]);
    const counters = new Map<number, number>();
    let pictures = 0;
    let lastSound = -1;
    for (const { bytes, startMs } of segments) {
      const { pes, pids, pcrs } = demux(bytes, counters);
      expect(pids.slice(0, 3)).toEqual([0, 0x1000, 0x100]);
      const video = pes.filter(({ pid }) => pid === 0x100);
      const audio = pes.filter(({ pid }) => pid === 0x101);
      expect(video[0]).toMatchObject({ pts: startMs * 90 + 63_000, randomAccess: true });
      expect(video[0]?.data.subarray(0, 6)).toEqual(Buffer.from([0, 0, 0, 1, 9, 0xf0]));
      expect(video[0]?.data.includes(Buffer.from([0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 4, 5]))).toBe(true);
      expect(pcrs.every((pcr, i) => i === 0 || pcr > (pcrs[i - 1] ?? 0))).toBe(true);
      for (const { pts, data } of audio) {
        expect(pts).toBeGreaterThan(lastSound);
        lastSound = pts;
        expect(data.readUInt16BE(0)).toBe(0xfff1);
        expect((((data[3] ?? 0) & 3) << 11) | ((data[4] ?? 0) << 3) | ((data[5] ?? 0) >> 5)).toBeGreaterThan(150);
      }
      pictures += video.length;
    }
    expect(pictures).toBe(300);
  });

  test('sound alone is cut on the same grid, with its own clock reference', () => {
    const segments = run({ video: false, audio: true });
    expect(segments.length).toBe(3);
    const counters = new Map<number, number>();
    const [, { pids, pcrs } = { pids: [], pcrs: [] }] = segments.map(({ bytes }) => demux(bytes, counters));
    expect(new Set(pids)).toEqual(new Set([0, 0x1000, 0x101]));
    expect(pcrs.length).toBeGreaterThan(10);
  });

  test('pictures alone make segments', () => {
    expect(run({ video: true, audio: false }).map(({ durationS }) => durationS)).toEqual([4, 4, 2]);
  });
});
