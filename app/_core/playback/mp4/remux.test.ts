import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MovieSource, remux } from './remux.ts';
import { type MadeSample, makeFragment, makeInit } from './testing/cmaf-maker.ts';
import { MemorySink } from './testing/memory-sink.ts';
import { type ReadMovie, readMovie } from './testing/read-movie.ts';
import { join } from './write-boxes.ts';

type Kind = 'video' | 'audio';
const CLOCK = { video: 90_000, audio: 48_000 };
const UNIT = { video: 3000, audio: 1024 };
const EXPECTED = { durationS: 60, samplesPerS: 50 };

/** Samples whose bytes tell where they belong. */
function samplesOf(kind: Kind, count: number, mark: number, size = 6): MadeSample[] {
  return Array.from({ length: count }, (_, i) => ({
    data: Uint8Array.from({ length: size }, (_, byte) => (byte === 0 ? mark : byte === 1 ? i : 7)),
    duration: UNIT[kind],
    sync: kind === 'audio' || i === 0,
  }));
}

type Made = { epoch?: number; start: number; samples: MadeSample[]; lost?: boolean };

function sourceOf(
  kind: Kind,
  segments: readonly Made[],
  inits: Record<number, Uint8Array> = { 1: makeInit(kind, CLOCK[kind]) },
): MovieSource {
  return {
    expected: EXPECTED,
    init: async (epoch) => inits[epoch] ?? null,
    segments: segments.map(({ epoch = 1, start, samples, lost }) => ({
      epoch,
      read: async () => (lost ? null : makeFragment(start, samples)),
    })),
  };
}

async function movieOf(...sources: MovieSource[]): Promise<{ movie: ReadMovie; file: Uint8Array }> {
  const sink = new MemorySink();
  const order = { tracks: sources.map((_, i) => i), facts: { title: 'Näher' }, open: async () => sink };
  const [result] = await remux(sources, [order]);
  const file = sink.file!;
  expect(result?.bytes).toBe(file.length);
  return { movie: readMovie(file), file };
}

const seconds = (kind: Kind, from: number, to: number): Made[] =>
  Array.from({ length: to - from }, (_, i) => {
    const perS = kind === 'video' ? 30 : 46;
    return { start: (from + i) * perS * UNIT[kind], samples: samplesOf(kind, perS, from + i) };
  });
/** Times at which samples are shown, on the track's own clock, counted from the first one. */
const startsOf = (movie: ReadMovie, track: number) => movie.tracks[track]!.samples.map(({ time }) => time);

describe('a file of segments', () => {
  test('has its head first, and every sample where and when it was', async () => {
    const kinds = ['video', 'audio'] as const;
    const sizes = fc.array(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 9000 }), fc.boolean()), {
        maxLength: 12,
        minLength: 1,
      }),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.boolean(), async (picture, sound, twoEpochs) => {
        const made = [picture, sound].map((segments, t) => {
          let start = 5000 * t;
          return segments.map((rows, s) => {
            const samples = rows.map(([size, duration, sync], i) => ({
              data: Uint8Array.from({ length: size }, () => (t * 128 + s * 13 + i) & 255),
              duration,
              sync,
            }));
            const segment = { epoch: twoEpochs && s > 2 ? 2 : 1, start, samples };
            start += rows.reduce((sum, [, duration]) => sum + duration, 0);
            return segment;
          });
        });
        const sources = kinds.map((kind, t) =>
          sourceOf(kind, made[t]!, { 1: makeInit(kind, 90_000), 2: makeInit(kind, 90_000, { mark: 3 }) }),
        );
        // Breaks in the sound are another test: here there are none.
        const { movie, file } = await movieOf(...sources);
        expect(movie.order).toEqual(['ftyp', 'moov', 'free', 'mdat']);
        expect(movie.mdat.end).toBe(file.length);
        for (const [t, segments] of made.entries()) {
          const want = segments.flatMap(({ samples, epoch }) => samples.map((sample) => ({ ...sample, epoch })));
          const got = movie.tracks[t]!;
          expect(got.samples.length).toBe(want.length);
          expect(got.entries).toBe(new Set(want.map(({ epoch }) => epoch)).size);
          let time = 0;
          for (const [i, { data, duration, sync, epoch }] of want.entries()) {
            const sample = got.samples[i]!;
            expect([sample.time, sample.duration, sample.sync, sample.entry]).toEqual([time, duration, sync, epoch]);
            expect(file.subarray(sample.at, sample.at + sample.size)).toEqual(data);
            time += duration;
          }
          expect(got.length).toBe(time);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('lets sound and picture take turns, so that it plays while it loads', async () => {
    const { movie } = await movieOf(
      sourceOf('video', seconds('video', 0, 20)),
      sourceOf('audio', seconds('audio', 0, 20)),
    );
    const at = (track: number, s: number) => {
      const { samples, timescale } = movie.tracks[track]!;
      return samples.find(({ time }) => time >= s * timescale)!.at;
    };
    // Whatever lies between the picture of an instant and its sound is less than three seconds of the file.
    const threeSeconds = at(0, 13) - at(0, 10);
    for (let s = 0; s < 18; s++) expect(Math.abs(at(0, s) - at(1, s))).toBeLessThan(threeSeconds);
  });

  test('begins both tracks at their own time: the later one waits by an empty edit', async () => {
    const late = seconds('audio', 0, 3).map((one) => ({ ...one, start: one.start + 4800 }));
    const { movie } = await movieOf(sourceOf('video', seconds('video', 0, 3)), sourceOf('audio', late));
    expect(movie.tracks[0]?.edits).toEqual([]);
    expect(movie.tracks[1]?.edits.map(({ from }) => from)).toEqual([-1, 0]);
    expect(movie.tracks[1]?.edits[0]?.duration).toBe(movie.timescale / 10);
  });

  test('keeps true time over a lost segment: the picture stands, the sound is silent', async () => {
    const video = seconds('video', 0, 4).map((one, i) => ({ ...one, lost: i === 2 }));
    const audio = seconds('audio', 0, 4).map((one, i) => ({ ...one, lost: i === 2 }));
    const { movie } = await movieOf(sourceOf('video', video), sourceOf('audio', audio));
    const [picture, sound] = movie.tracks;
    expect(picture?.samples.length).toBe(90);
    expect(picture?.samples[59]?.duration).toBe(31 * 3000);
    expect(startsOf(movie, 0)[60]).toBe(3 * 90_000);
    expect(sound?.samples.length).toBe(4 * 46);
    expect(sound?.samples.every(({ duration }) => duration === 1024)).toBe(true);
    expect(sound?.samples.slice(92, 138).every(({ size }) => size === 6)).toBe(true);
  });

  test('joins a restarted engine of the same configuration to one sample entry, of another one to two', async () => {
    const again = { epoch: 2, start: 150_001, samples: samplesOf('video', 30, 9) };
    const first = seconds('video', 0, 1);
    const same = { 1: makeInit('video', 90_000), 2: makeInit('video', 90_000) };
    const other = { 1: makeInit('video', 90_000), 2: makeInit('video', 90_000, { mark: 1 }) };
    const one = (await movieOf(sourceOf('video', [...first, again], same))).movie.tracks[0]!;
    expect([one.entries, one.samples[30]?.time]).toEqual([1, 150_001]);
    const two = (await movieOf(sourceOf('video', [...first, again], other))).movie.tracks[0]!;
    expect([two.entries, two.samples[29]?.entry, two.samples[30]?.entry]).toEqual([2, 1, 2]);
  });

  test("goes on with a neighbour's header when one is lost", async () => {
    const again = { epoch: 2, start: 90_000, samples: samplesOf('video', 30, 9) };
    const { movie } = await movieOf(sourceOf('video', [...seconds('video', 0, 1), again]));
    expect(movie.tracks[0]?.samples.length).toBe(60);
  });

  test("counts a restarted engine with another frame rate on the first one's clock", async () => {
    const again = {
      epoch: 2,
      start: 29_000,
      samples: samplesOf('video', 10, 9).map((one) => ({ ...one, duration: 1000 })),
    };
    const inits = { 1: makeInit('video', 90_000), 2: makeInit('video', 29_000) };
    const { movie } = await movieOf(sourceOf('video', [...seconds('video', 0, 1), again], inits));
    expect(movie.tracks[0]?.samples[30]?.time).toBe(90_000);
    expect(movie.tracks[0]?.length).toBe(90_000 + Math.round((10 * 90_000) / 29));
  });

  test('works off an overlap without going back in time', async () => {
    const again = { epoch: 1, start: 90_000 - 4500, samples: samplesOf('video', 30, 9) };
    const { movie } = await movieOf(sourceOf('video', [...seconds('video', 0, 1), again]));
    const starts = startsOf(movie, 0);
    expect(starts.every((time, i) => i === 0 || time > starts[i - 1]!)).toBe(true);
    expect(starts.at(-1)).toBe(90_000 - 4500 + 29 * 3000);
  });

  test('takes of a segment that was cut off what is whole', async () => {
    const source = sourceOf('video', []);
    const whole = join([makeFragment(0, samplesOf('video', 6, 1)), makeFragment(18_000, samplesOf('video', 6, 2))]);
    const cut = { ...source, segments: [{ epoch: 1, read: async () => whole.subarray(0, whole.length - 10) }] };
    expect((await movieOf(cut)).movie.tracks[0]?.samples.length).toBe(6);
  });

  test('is written once more when its head needs more room than was thought', async () => {
    const sinks: MemorySink[] = [];
    const rooms: number[] = [];
    const open = async (room: number) => {
      rooms.push(room);
      sinks.push(new MemorySink());
      return sinks.at(-1)!;
    };
    const source = { ...sourceOf('video', seconds('video', 0, 200)), expected: { durationS: 1, samplesPerS: 1 } };
    await remux([source], [{ tracks: [0], facts: {}, open }]);
    expect([sinks.length, sinks[0]?.aborted, rooms[1]! > rooms[0]!]).toEqual([2, true, true]);
    expect(readMovie(sinks[1]!.file!).tracks[0]?.samples.length).toBe(6000);
  });
});

describe('several files in one reading', () => {
  test('sound alone beside the whole', async () => {
    let reads = 0;
    const audio = sourceOf('audio', seconds('audio', 0, 5));
    const counted = {
      ...audio,
      segments: audio.segments.map((one) => ({
        ...one,
        read: () => {
          reads++;
          return one.read();
        },
      })),
    };
    const [whole, alone] = [new MemorySink(), new MemorySink()];
    await remux(
      [sourceOf('video', seconds('video', 0, 5)), counted],
      [
        { tracks: [0, 1], facts: {}, open: async () => whole },
        { tracks: [1], facts: {}, open: async () => alone },
      ],
    );
    expect(reads).toBe(5);
    expect(readMovie(whole.file!).tracks.map(({ kind }) => kind)).toEqual(['vide', 'soun']);
    expect(readMovie(alone.file!).tracks.map(({ kind, samples }) => [kind, samples.length])).toEqual([['soun', 230]]);
    expect(String.fromCharCode(...alone.file!.subarray(8, 12))).toBe('M4A ');
  });

  test('one without samples is no file', async () => {
    const sink = new MemorySink();
    const lost = seconds('video', 0, 2).map((one) => ({ ...one, lost: true }));
    expect(await remux([sourceOf('video', lost)], [{ tracks: [0], facts: {}, open: async () => sink }])).toEqual([
      null,
    ]);
    expect([sink.file, sink.aborted]).toEqual([null, true]);
  });
});

describe('a file that cannot be made', () => {
  test('leaves nothing behind when storage fails in the middle', async () => {
    const source = sourceOf('video', seconds('video', 0, 5));
    const failing = source.segments.map((one, i) =>
      i === 3 ? { ...one, read: () => Promise.reject(new Error('away')) } : one,
    );
    const sink = new MemorySink();
    const work = remux([{ ...source, segments: failing }], [{ tracks: [0], facts: {}, open: async () => sink }]);
    await expect(work).rejects.toThrow('away');
    expect([sink.file, sink.aborted]).toEqual([null, true]);
  });

  test('leaves nothing behind when it is called off', async () => {
    const sink = new MemorySink();
    const off = new AbortController();
    const onProgress = (doneS: number) => void (doneS > 2 && off.abort(new Error('called off')));
    const order = { tracks: [0], facts: {}, open: async () => sink };
    const work = remux([sourceOf('video', seconds('video', 0, 9))], [order], { signal: off.signal, onProgress });
    await expect(work).rejects.toThrow('called off');
    expect(sink.aborted).toBe(true);
  });
});

test('a show of 5 GB gets offsets of 64 bits, and only its tables stay in memory', async () => {
  const data = new Uint8Array(16 * 1024 * 1024);
  const segment = makeFragment(0, [{ data, duration: 90_000, sync: true }]);
  const view = new DataView(segment.buffer);
  const tfdt = new TextDecoder('latin1').decode(segment.subarray(0, 200)).indexOf('tfdt') + 8;
  const segments = Array.from({ length: 320 }, (_, i) => ({
    epoch: 1,
    read: async () => {
      view.setBigUint64(tfdt, BigInt(i * 90_000));
      return segment;
    },
  }));
  let head: Uint8Array | null = null;
  let media = 0;
  const sink = {
    write: async (bytes: Uint8Array) => {
      media += bytes.length;
    },
    finish: async (bytes: Uint8Array) => {
      head = bytes;
    },
    abort: async () => {},
  };
  const source = { ...sourceOf('video', []), segments, expected: { durationS: 320, samplesPerS: 1 } };
  const before = process.memoryUsage().arrayBuffers;
  await remux([source], [{ tracks: [0], facts: {}, open: async () => sink }]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  expect(media).toBe(320 * data.length);
  const { tracks } = readMovie(join([head!, new Uint8Array(8)]));
  expect(tracks[0]?.samples.at(-1)).toMatchObject({ at: head!.length + 319 * data.length, size: data.length });
  expect(Buffer.from(head!).includes('co64')).toBe(true);
  const mdat = new DataView(head!.buffer, head!.byteOffset + head!.length - 16);
  expect([mdat.getUint32(0), Number(mdat.getBigUint64(8))]).toEqual([1, media + 16]);
});
