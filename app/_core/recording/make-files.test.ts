import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryMediaStorage, type MemoryMediaStorage } from '#adapters/memory/media-storage';
import { type FeedRendition, type IndexEntry, mediaKeys } from '#core/playback/live-feed';
import { makeFragment, makeInit } from '#core/playback/mp4/testing/cmaf-maker';
import { readMovie } from '#core/playback/mp4/testing/read-movie';
import { AppError } from '#core/shared/app-error';
import { makeRecordingFiles } from './make-files.ts';
import { writeStoredIndex } from './stored-index.ts';

const ID = 'pb_rec';
const START_MS = 1_700_000_000_000;
const ORDER = { playbackId: ID, title: 'A show', startedAtMs: START_MS };

const rung = (height: number): FeedRendition => ({
  id: `${height}p`,
  kind: 'video',
  codecs: 'avc1.64001f',
  width: (height * 16) / 9,
  height,
  fps: 30,
  bandwidth: height * 4000,
});
const SOUND: FeedRendition = { id: 'audio', kind: 'audio', codecs: 'mp4a.40.2', bandwidth: 128_000 };

let storage: MemoryMediaStorage;
beforeEach(() => {
  storage = createMemoryMediaStorage();
});

/** Stores seconds from..to of a rendition; `bytes` of each picture, so that a show may be large. */
async function store(rendition: FeedRendition, from: number, to: number, bytes = 20): Promise<void> {
  const { id, kind } = rendition;
  const [timescale, unit, perS] = kind === 'video' ? [90_000, 3000, 30] : [48_000, 1024, 46.875];
  await storage.put(mediaKeys.init(ID, id, 1), makeInit(kind, timescale, { height: rendition.height }), 'video/mp4');
  const segments: IndexEntry[] = [];
  for (let m = from; m < to; m++) {
    const [first, next] = [Math.ceil(m * perS), Math.ceil((m + 1) * perS)];
    const samples = Array.from({ length: next - first }, (_, i) => ({
      data: new Uint8Array(bytes).fill(m),
      duration: unit,
      sync: kind === 'audio' || i === 0,
    }));
    const body = makeFragment(first * unit, samples);
    await storage.put(mediaKeys.segment(ID, id, m), body, 'video/mp4');
    const d = Math.round(((next - first) * unit * 90_000) / timescale);
    segments.push({ m, e: 1, d, w: START_MS + m * 1000, x: false, s: body.length });
  }
  await writeStoredIndex(storage, ID, { v: 1, rendition, ended: true, segments });
}
const movie = (key: string) => readMovie(storage.objects.get(key) ?? new Uint8Array());
const make = (steps = {}) => makeRecordingFiles(storage, ORDER, { wait: sleep, backOffMs: [1, 1], ...steps });

describe('the files of a recording', () => {
  test('are the top rung with the sound, and the sound alone', async () => {
    for (const rendition of [rung(360), rung(720), SOUND]) await store(rendition, 0, 8);
    const made = await make();
    const whole = movie(mediaKeys.recording(ID));
    expect(whole.tracks.map(({ kind, samples }) => [kind, samples.length])).toEqual([
      ['vide', 240],
      ['soun', 375],
    ]);
    expect(movie(mediaKeys.recordingAudio(ID)).tracks.map(({ kind }) => kind)).toEqual(['soun']);
    expect(made).toEqual({
      mp4: storage.objects.get(mediaKeys.recording(ID))?.length,
      audio: storage.objects.get(mediaKeys.recordingAudio(ID))?.length,
    });
  });

  test('take a lower rung when the top one was there for a part of the show only', async () => {
    await store(rung(1080), 5, 8);
    for (const rendition of [rung(720), SOUND]) await store(rendition, 0, 8);
    await make();
    expect(movie(mediaKeys.recording(ID)).tracks[0]?.samples.length).toBe(240);
  });

  test('keep true time over a segment that storage lost', async () => {
    for (const rendition of [rung(720), SOUND]) await store(rendition, 0, 8);
    await storage.remove([mediaKeys.segment(ID, '720p', 3)]);
    await make();
    const [picture] = movie(mediaKeys.recording(ID)).tracks;
    expect([picture?.samples.length, picture?.length]).toEqual([210, 8 * 90_000]);
  });

  test('are the same when they are made again', async () => {
    for (const rendition of [rung(720), SOUND]) await store(rendition, 0, 3);
    await make();
    const first = storage.objects.get(mediaKeys.recording(ID));
    await make();
    expect(storage.objects.get(mediaKeys.recording(ID))).toEqual(first);
  });

  test('of a show without picture are its sound; of nothing, none', async () => {
    expect(await make()).toEqual({ mp4: null, audio: null });
    await store(SOUND, 0, 3);
    expect(await make()).toMatchObject({ mp4: null, audio: expect.any(Number) });
  });

  test('tell how far they are', async () => {
    for (const rendition of [rung(720), SOUND]) await store(rendition, 0, 10);
    const marks: number[] = [];
    await make({ onProgress: (done: number) => void marks.push(done) });
    expect(marks.length).toBeGreaterThan(5);
    expect(marks.every((mark, i) => mark <= 1 && (i === 0 || mark >= marks[i - 1]!))).toBe(true);
    expect(marks.at(-1)).toBeGreaterThan(0.8);
  });
});

describe('when storage fails in the middle', () => {
  beforeEach(async () => {
    // Large enough to go in parts.
    for (const rendition of [rung(720), SOUND]) await store(rendition, 0, 40, 16_000);
  });

  test('a short pause is ridden out', async () => {
    const { get } = storage;
    const failed = new Set<string>();
    const away = () => Promise.reject(new AppError('storage-unavailable', { retry: 'with-back-off' }));
    storage.get = (key, range) => {
      if (failed.has(key)) return get(key, range);
      failed.add(key);
      return away();
    };
    expect((await make()).mp4).toBeGreaterThan(19_000_000);
    expect(movie(mediaKeys.recording(ID)).tracks[0]?.samples.length).toBe(1200);
  });

  test('a long one ends the try without a file, and the next try makes it', async () => {
    const onProgress = (done: number) => {
      storage.away = done > 0.5;
    };
    await expect(make({ onProgress })).rejects.toMatchObject({ code: 'storage-unavailable' });
    storage.away = false;
    expect(storage.objects.has(mediaKeys.recording(ID))).toBe(false);
    expect((await make()).mp4).toBe(storage.objects.get(mediaKeys.recording(ID))?.length);
  });
});
