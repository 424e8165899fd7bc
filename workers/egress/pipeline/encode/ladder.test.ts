import '../native.ts';
import type { Frame } from 'node-av';
import { afterEach, expect, test } from 'vitest';
import { copyToFrame } from '../native-frame.ts';
import { x264 } from './encoder-kinds.ts';
import { EncoderLost } from './encoder-lost.ts';
import { Ladder, type LadderInput } from './ladder.ts';
import { VideoEncoder, type VideoPacket } from './video.ts';

const PROGRAM = {
  width: 320,
  height: 180,
  fps: 10,
  ladder: [
    { id: 'top', height: 180, bitrateKbps: 300 },
    { id: 'mid', height: 120, bitrateKbps: 200 },
    { id: 'low', height: 90, bitrateKbps: 100, fps: 5 },
  ],
};

const ladders: Ladder[] = [];
afterEach(() => {
  for (const ladder of ladders.splice(0)) ladder.close();
});

async function openLadder(more: Partial<LadderInput> = {}): Promise<Ladder> {
  const ladder = await Ladder.open({ program: PROGRAM, segmentS: 1, partS: 0.2, ...more });
  ladders.push(ladder);
  return ladder;
}

function picture(tick: number): Frame {
  const { width, height } = PROGRAM;
  const data = Buffer.alloc((width * height * 3) / 2, 128);
  for (let at = 0; at < width * height; at++) data[at] = (at * 7 + tick * 31) % 220;
  return copyToFrame({ data, width, height });
}

type Seen = Record<string, (VideoPacket & { tick: number })[]>;

async function run(ladder: Ladder, from: number, to: number, seen: Seen = {}, changes: string[] = []): Promise<Seen> {
  for (let tick = from; tick < to; tick++) {
    if (!ladder.isDue(tick)) continue;
    const frame = picture(tick);
    for (const { line, packets, changed } of await ladder.encode(frame, tick)) {
      if (changed) changes.push(`${line.rung.id} ${line.on ? 'on' : 'off'} at ${tick}`);
      seen[line.rung.id] = [...(seen[line.rung.id] ?? []), ...packets.map((packet) => ({ ...packet, tick }))];
    }
    frame.free();
  }
  return seen;
}

const keysOf = (packets: VideoPacket[] = []) => packets.filter(({ key }) => key).map(({ pts }) => pts);

/** Pts on which the packets do not follow each other without a gap. */
const breaksOf = (packets: VideoPacket[] = []) =>
  packets.slice(1).flatMap(({ pts }, index) => {
    const before = packets[index];
    return before && before.pts + before.duration === pts ? [] : [pts];
  });

test('every rung has its key frames at the same instants, the small one half of the pictures', async () => {
  const seen = await run(await openLadder(), 0, 30);
  for (const id of ['top', 'mid', 'low']) {
    expect(keysOf(seen[id])).toEqual([0, 10, 20]);
    expect(breaksOf(seen[id])).toEqual([]);
  }
  expect(seen.top).toHaveLength(30);
  expect(seen.low).toHaveLength(15);
  expect(seen.low?.every(({ duration }) => duration === 2)).toBe(true);
});

test('a late tick is made up for in every rung on the same borders', async () => {
  const ladder = await openLadder();
  const seen = await run(ladder, 0, 4);
  await run(ladder, 13, 20, seen);
  for (const id of ['top', 'mid', 'low']) {
    expect(keysOf(seen[id])).toEqual([0, 10]);
    expect(breaksOf(seen[id])).toEqual([]);
  }
});

test('a rung that is dropped ends with its segment and comes back with a key frame at a border; the others do not notice', async () => {
  const ladder = await openLadder();
  const changes: string[] = [];
  const seen = await run(ladder, 0, 13, {}, changes);
  ladder.want('mid', false);
  await run(ladder, 13, 34, seen, changes);
  ladder.want('mid', true);
  await run(ladder, 34, 50, seen, changes);
  expect(changes).toEqual(['mid off at 19', 'mid on at 40']);
  expect(keysOf(seen.mid)).toEqual([0, 10, 40]);
  expect(breaksOf(seen.mid)).toEqual([40]);
  for (const id of ['top', 'low']) {
    expect(keysOf(seen[id])).toEqual([0, 10, 20, 30, 40]);
    expect(breaksOf(seen[id])).toEqual([]);
  }
});

test('the largest rung cannot be dropped', async () => {
  const ladder = await openLadder();
  ladder.want('top', false);
  expect((await run(ladder, 0, 20)).top).toHaveLength(20);
});

test('at half the frame rate fewer pictures are asked for and every border stays', async () => {
  const ladder = await openLadder({
    program: { ...PROGRAM, fps: 20, ladder: PROGRAM.ladder.map((rung) => ({ ...rung, fps: 20 })) },
  });
  const seen = await run(ladder, 0, 10);
  ladder.setHalfRate(true);
  await run(ladder, 10, 60, seen);
  expect(keysOf(seen.top)).toEqual([0, 20, 40]);
  expect(breaksOf(seen.top)).toEqual([]);
  expect(seen.top).toHaveLength(20 + 10 + 10);
});

/** Encoders of one size that fail from their n-th picture on; the first `broken` of them do. */
function failing(height: number, after: number, broken: number): LadderInput['open'] {
  let opened = 0;
  return async (settings) => {
    const encoder = await VideoEncoder.open(settings);
    if (settings.height !== height || ++opened > broken) return encoder;
    let pictures = 0;
    return {
      name: encoder.name,
      settings,
      avcC: encoder.avcC,
      codecs: encoder.codecs,
      encode: (frame, place) =>
        ++pictures > after ? Promise.reject(new Error('the device is gone')) : encoder.encode(frame, place),
      finish: () => encoder.finish(),
      close: () => encoder.close(),
    };
  };
}

test('an encoder that fails once is opened anew and goes on with a key frame, without a gap', async () => {
  const ladder = await openLadder({ open: failing(180, 13, 1) });
  const seen = await run(ladder, 0, 30);
  expect(keysOf(seen.top)).toEqual([0, 10, 13, 20]);
  expect(breaksOf(seen.top)).toEqual([]);
});

test('a rung whose encoder keeps failing ends; the others go on', async () => {
  const ladder = await openLadder({ open: failing(120, 0, 100) });
  const changes: string[] = [];
  const seen = await run(ladder, 0, 20, {}, changes);
  ladder.want('mid', true);
  await run(ladder, 20, 40, seen, changes);
  expect(changes).toEqual(['mid off at 0']);
  expect(seen.mid).toEqual([]);
  expect(seen.top).toHaveLength(40);
  expect(breaksOf(seen.low)).toEqual([]);
});

/** As `failing`, under the name of a hardware encoder; the encoders after it have other parameter sets when `other` says so. */
function device(height: number, after: number, other: boolean): LadderInput['open'] {
  let opened = 0;
  return async (settings) => {
    const again = settings.height === height && ++opened > 1;
    const usual = x264('veryfast');
    const kind = again && other ? { ...usual, options: { ...usual.options, profile: 'main' } } : usual;
    const encoder = await VideoEncoder.open(settings, kind);
    const { avcC, codecs } = encoder;
    let pictures = 0;
    return {
      ...{ name: again && other ? 'libx264' : 'h264_nvenc', settings, avcC, codecs },
      encode: (frame, place) =>
        settings.height === height && !again && ++pictures > after
          ? Promise.reject(new Error('the device is gone'))
          : encoder.encode(frame, place),
      finish: () => encoder.finish(),
      close: () => encoder.close(),
    };
  };
}

test('a hardware encoder that can be had again goes on; one that cannot is lost, in whichever rung, since players keep the init segment', async () => {
  const back = await run(await openLadder({ open: device(180, 13, false) }), 0, 30);
  expect(keysOf(back.top)).toEqual([0, 10, 13, 20]);
  for (const height of [180, 120, 90]) {
    const ladder = await openLadder({ open: device(height, 3, true) });
    const lost = await run(ladder, 0, 20).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(EncoderLost);
    expect(lost).toMatchObject({ encoder: 'h264_nvenc', message: 'the device is gone' });
  }
});

test('when the largest rung has no encoder any more the ladder says so', async () => {
  const ladder = await openLadder({ open: failing(180, 0, 100) });
  await expect(run(ladder, 0, 1)).rejects.toThrow('the device is gone');
});
