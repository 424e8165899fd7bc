import { describe, expect, test } from 'vitest';
import { type Part, type Segment, TrackPackager } from './packager.ts';
import { openTimeline, partLengths, type Resume } from './timeline.ts';

/** Boxes of one level: type and payload. */
function boxesOf(bytes: Buffer): { type: string; payload: Buffer }[] {
  const found: { type: string; payload: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    expect(size).toBeGreaterThanOrEqual(8);
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), payload: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return found;
}
const inside = (bytes: Buffer, ...path: string[]): Buffer =>
  path.reduce((at, type) => boxesOf(at).find((box) => box.type === type)?.payload ?? Buffer.alloc(0), bytes);

/** What a demuxer reads of one part. */
function readPart(bytes: Buffer) {
  expect(boxesOf(bytes).map(({ type }) => type)).toEqual(['moof', 'mdat']);
  const traf = inside(bytes, 'moof', 'traf');
  const trun = inside(traf, 'trun');
  const count = trun.readUInt32BE(4);
  const rows = Array.from({ length: count }, (_, index) => {
    const at = 12 + index * 12;
    return { duration: trun.readUInt32BE(at), size: trun.readUInt32BE(at + 4), flags: trun.readUInt32BE(at + 8) };
  });
  const dataOffset = trun.readUInt32BE(8);
  const data = bytes.subarray(dataOffset, dataOffset + rows.reduce((sum, row) => sum + row.size, 0));
  return { time: Number(inside(traf, 'tfdt').readBigUInt64BE(4)), rows, data, end: dataOffset + data.length };
}

function makeTrack(kind: 'video' | 'audio', resume: Resume | null = null) {
  const parts: Part[] = [];
  const segments: Segment[] = [];
  const timeline = openTimeline(1_000_000, resume);
  const common = { rendition: kind, timeline, lengths: { partS: 0.2, segmentS: 1 } };
  const sink = { part: (part: Part) => void parts.push(part), segment: (one: Segment) => void segments.push(one) };
  const bitrate = 1000;
  const packager =
    kind === 'video'
      ? new TrackPackager({
          ...common,
          sink,
          format: { kind, timescale: 90_000, width: 64, height: 36, avcC: Buffer.from([1, 100, 0, 31]), bitrate },
        })
      : new TrackPackager({
          ...common,
          sink,
          format: { kind, timescale: 48_000, channels: 2, config: Buffer.from([0x11, 0x90]), bitrate },
        });
  const { base } = packager.grid;
  return { packager, parts, segments, base, timeline };
}

function addSeconds(track: ReturnType<typeof makeTrack>, kind: 'video' | 'audio', seconds: number): void {
  const unit = kind === 'video' ? 3000 : 1024;
  const count = Math.floor((seconds * (kind === 'video' ? 90_000 : 48_000)) / unit);
  for (let index = 0; index < count; index++) {
    const data = Buffer.from([index & 255, 1, 2]);
    const key = kind === 'audio' || index % 30 === 0;
    track.packager.add({ pts: track.base + index * unit, duration: unit, key, data });
  }
}

describe('TrackPackager', () => {
  test('video is cut into parts of six frames and segments of thirty, each begun by a key frame', () => {
    const track = makeTrack('video');
    addSeconds(track, 'video', 3);
    expect(track.parts.map(({ msn, part, d, independent }) => [msn, part, d, independent])).toEqual(
      [0, 1, 2].flatMap((msn) => [0, 1, 2, 3, 4].map((part) => [msn, part, 18_000, part === 0])),
    );
    expect(track.segments.map(({ d, parts }) => [d, parts])).toEqual([
      [90_000, 5],
      [90_000, 5],
      [90_000, 5],
    ]);
  });

  test.each(['video', 'audio'] as const)(
    '%s parts join without gap: each begins where the one before ended',
    (kind) => {
      const track = makeTrack(kind);
      addSeconds(track, kind, 5);
      let next = 0;
      for (const part of track.parts) {
        const { time, rows, data, end } = readPart(part.bytes);
        expect(time).toBe(next);
        expect(end).toBe(part.bytes.length);
        expect(data.length).toBe(rows.length * 3);
        next = time + rows.reduce((sum, row) => sum + row.duration, 0);
      }
    },
  );

  test('audio parts are within 85 and 100 % of PART-TARGET and its segments follow the video', () => {
    const { partTargetMs } = partLengths(200, 30, 1);
    expect(partTargetMs).toBe(213.34);
    const track = makeTrack('audio');
    addSeconds(track, 'audio', 20);
    for (const { d } of track.parts) {
      expect(d / 90).toBeLessThanOrEqual(partTargetMs);
      expect(d / 90).toBeGreaterThanOrEqual(partTargetMs * 0.85);
    }
    for (const { msn, w } of track.segments) expect(Math.abs(w - 1_000_000 - msn * 1000)).toBeLessThanOrEqual(22);
  });

  test('a segment is the bytes of its parts', () => {
    const track = makeTrack('video');
    addSeconds(track, 'video', 1);
    expect(track.segments[0]?.bytes).toEqual(Buffer.concat(track.parts.map(({ bytes }) => bytes)));
  });

  test('a successor goes on at the next number, behind all that is out, and marks the break once', () => {
    const resume = { startedAtMs: 900_000, lastMsn: 41, lastEndMs: 1_000_400 };
    const track = makeTrack('video', resume);
    addSeconds(track, 'video', 2);
    expect(track.segments.map(({ msn, discontinuity, w }) => [msn, discontinuity, w])).toEqual([
      [42, true, 1_000_400],
      [43, false, 1_001_400],
    ]);
    expect(readPart(track.parts[0]?.bytes ?? Buffer.alloc(0)).time).toBe(100_400 * 90);
  });

  test('the end closes what is open', () => {
    const track = makeTrack('video');
    addSeconds(track, 'video', 1.5);
    track.packager.finish();
    expect(track.segments.map(({ d, parts }) => [d, parts])).toEqual([
      [90_000, 5],
      [45_000, 3],
    ]);
  });

  test('the init segment names one track of the right kind', () => {
    for (const kind of ['video', 'audio'] as const) {
      const { init } = makeTrack(kind).packager;
      expect(boxesOf(init).map(({ type }) => type)).toEqual(['ftyp', 'moov']);
      expect(inside(init, 'moov', 'trak', 'mdia', 'hdlr').toString('latin1', 8, 12)).toBe(
        kind === 'video' ? 'vide' : 'soun',
      );
      expect(inside(init, 'moov', 'mvex', 'trex').readUInt32BE(4)).toBe(1);
    }
  });
});

describe('a rung that is off for a while', () => {
  test('leaves a gap a segment, with the numbers and times of the others, and goes on at its place', () => {
    const { packager, segments, base, timeline } = makeTrack('video');
    const gaps: { msn: number; d: number; w: number }[] = [];
    const track = new TrackPackager({
      rendition: 'mid',
      format: {
        kind: 'video',
        timescale: 90_000,
        width: 64,
        height: 36,
        avcC: Buffer.from([1, 100, 0, 31]),
        bitrate: 1000,
      },
      timeline,
      lengths: { partS: 0.2, segmentS: 1 },
      sink: {
        part: () => {},
        segment: (one) => void segments.push(one),
        gap: ({ msn, d, w }) => void gaps.push({ msn, d, w }),
      },
    });
    expect(track.init).toEqual(packager.init);
    const second = (from: number) => {
      for (let index = 0; index < 30; index++) {
        const pts = base + (from * 30 + index) * 3000;
        track.add({ pts, duration: 3000, key: index === 0, data: Buffer.from([1]) });
      }
    };
    second(0);
    for (const segment of [1, 2, 2, 3]) track.skipTo(segment);
    second(3);
    expect(segments.map(({ msn }) => msn)).toEqual([0, 3]);
    expect(gaps).toEqual([
      { msn: 1, d: 90_000, w: timeline.startedAtMs + 1000 },
      { msn: 2, d: 90_000, w: timeline.startedAtMs + 2000 },
    ]);
  });

  test('closes what was open when its encoder failed', () => {
    const { packager, segments, base } = makeTrack('video');
    packager.add({ pts: base, duration: 3000, key: true, data: Buffer.from([1]) });
    packager.skipTo(0);
    expect(segments).toEqual([]);
    packager.skipTo(1);
    expect(segments.map(({ msn, d }) => [msn, d])).toEqual([[0, 3000]]);
  });
});
