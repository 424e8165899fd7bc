import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { FlvStream } from '../pull/flv-stream.ts';
import type { Kept } from '../supervise/sequence-headers.ts';
import { InputRecorder } from './input-recorder.ts';
import { HeldBytes } from './piece-queue.ts';
import { finish } from './testing/finish.ts';
import { createMemoryDesk, type MemoryDesk } from './testing/memory-desk.ts';
import { packets, times } from './testing/read-file.ts';

/** What ffmpeg sends, recorded, finished and read by ffmpeg again. */
const run = promisify(execFile);
const SECONDS = 8;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
let folder = '';
const streams: Record<'plain' | 'small' | 'bframes' | 'mp3', Kept[]> = { plain: [], small: [], bframes: [], mp3: [] };

async function encode(name: keyof typeof streams, extra: string[]): Promise<void> {
  const file = join(folder, `${name}.flv`);
  const size = name === 'small' ? '160x90' : '320x180';
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-f', 'lavfi', '-i', 'sine=sample_rate=44100'];
  const x264 = ['-t', String(SECONDS), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30'];
  await run('ffmpeg', ['-v', 'error', '-y', ...input, ...x264, ...extra, '-f', 'flv', file]);
  const flv = new FlvStream((type, timestampMs, body) =>
    streams[name].push({ type, timestampMs, body: Buffer.from(body) }),
  );
  flv.push(await readFile(file));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openair-input-'));
  await Promise.all([
    encode('plain', ['-bf', '0', '-c:a', 'aac', '-ac', '2']),
    encode('small', ['-bf', '0', '-c:a', 'aac', '-ac', '2']),
    encode('bframes', ['-bf', '2', '-c:a', 'aac', '-ac', '2']),
    encode('mp3', ['-bf', '0', '-c:a', 'libmp3lame']),
  ]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(desk: MemoryDesk = createMemoryDesk(), heldBytes = 64 * 1024 * 1024) {
  let made = 0;
  const recorder = new InputRecorder({ channelId: 'ch_1' }, 'rtmp', {
    desk,
    held: new HeldBytes(heldBytes),
    log: quiet,
    firstPauseMs: 5,
    makeId: () => `ir_${String(++made).padStart(20, '0')}`,
  });
  return { desk, recorder };
}

/** Plays tags into a recorder as if each came at its time. @returns the time of the last one */
function play(recorder: InputRecorder, tags: Kept[], fromMs = 0): number {
  let nowMs = fromMs;
  for (const { type, timestampMs, body } of tags) {
    nowMs = fromMs + timestampMs;
    recorder.take(type, timestampMs, body, nowMs);
  }
  return nowMs;
}

const first = 'ir_00000000000000000001';
const second = 'ir_00000000000000000002';

describe('what an encoder sends is recorded untouched', () => {
  test.each(['plain', 'bframes', 'mp3'] as const)(
    'every picture and sound of %s, bit by bit and in its time',
    async (name) => {
      const { desk, recorder } = start();
      play(recorder, streams[name]);
      await recorder.end();
      expect(desk.notes.get(first)).toMatchObject({
        channelId: 'ch_1',
        ended: true,
        lostMs: 0,
        leftOut: [],
        encoder: 'ffmpeg',
      });
      const file = await finish(folder, desk, first);
      const original = join(folder, `${name}.flv`);
      expect(await packets(file, 'v')).toEqual(await packets(original, 'v'));
      expect(await packets(file, 'v')).toHaveLength(SECONDS * 30);
      expect(await packets(file, 'a')).toEqual(await packets(original, 'a'));
      const [ours, theirs] = [await times(file, 'v'), await times(original, 'v')];
      expect(Math.max(...ours.map((at, i) => Math.abs(at - (theirs[i] ?? 0))))).toBeLessThan(0.0015);
    },
  );

  test('a recorder that dies leaves all but the last three seconds', async () => {
    const { desk, recorder } = start();
    const endMs = play(recorder, streams.plain);
    await vi.waitUntil(() => (desk.notes.get(first) ? desk.pieces.size >= 8 : false));
    // No end: what is stored now is all that there is.
    const file = await finish(folder, desk, first);
    const pictures = await packets(file, 'v');
    expect(pictures.length).toBeGreaterThanOrEqual((endMs / 1000 - 3) * 30);
    expect(pictures).toEqual((await packets(join(folder, 'plain.flv'), 'v')).slice(0, pictures.length));
    await recorder.end();
  });

  test('an encoder that comes back is in the same file, its break kept; another size too', async () => {
    const { desk, recorder } = start();
    const endMs = play(recorder, streams.plain);
    recorder.rest();
    recorder.encoderChanged('obs');
    play(recorder, streams.small, endMs + 5_000);
    await recorder.end();
    expect([...desk.notes.keys()]).toEqual([first]);
    const file = await finish(folder, desk, first);
    const at = await times(file, 'v');
    expect(at).toHaveLength(2 * SECONDS * 30);
    expect((at[SECONDS * 30] ?? 0) - (at[SECONDS * 30 - 1] ?? 0)).toBeCloseTo(5, 0);
    expect(at.at(-1)).toBeCloseTo(2 * SECONDS + 5, 0);
    expect((await times(file, 'a')).at(-1)).toBeCloseTo(2 * SECONDS + 5, 0);
  });

  test('an encoder that comes back with another codec begins another recording', async () => {
    const { desk, recorder } = start();
    const endMs = play(recorder, streams.plain);
    recorder.encoderChanged('ffmpeg');
    play(recorder, streams.mp3, endMs + 1_000);
    await recorder.end();
    expect([...desk.notes].map(([id, { ended }]) => [id, ended])).toEqual([
      [first, true],
      [second, true],
    ]);
    expect(await packets(await finish(folder, desk, first), 'a')).toEqual(
      await packets(join(folder, 'plain.flv'), 'a'),
    );
    expect(await packets(await finish(folder, desk, second), 'a')).toEqual(await packets(join(folder, 'mp3.flv'), 'a'));
  });
});

test('an encoder that changes its configuration without end makes neither recordings nor headers without end', async () => {
  const { desk, recorder } = start();
  const configs = [streams.plain, streams.mp3, streams.small].map((tags) =>
    tags.filter(({ type }) => type !== 18).slice(0, 6),
  );
  for (let nowMs = 0; nowMs < 9_000; nowMs += 2) {
    for (const { type, body } of configs[nowMs % 3] ?? []) recorder.take(type, nowMs, body, nowMs);
  }
  await recorder.end();
  expect(desk.notes.size).toBeLessThanOrEqual(2);
  expect([...desk.pieces.keys()].filter((key) => key.includes('init')).length).toBeLessThanOrEqual(2 * (200 + 2));
});

describe('storage fails', () => {
  test('what waited is stored when it is back, and nothing is missing', async () => {
    const { desk, recorder } = start();
    desk.away = true;
    play(recorder, streams.plain);
    const ended = recorder.end();
    desk.away = false;
    await ended;
    expect(desk.notes.get(first)).toMatchObject({ ended: true, lostMs: 0 });
    expect(await packets(await finish(folder, desk, first), 'v')).toHaveLength(SECONDS * 30);
  });

  test('how long storage takes nothing is known, and that it is back', async () => {
    const { desk, recorder } = start();
    desk.away = true;
    play(recorder, streams.plain);
    await vi.waitUntil(() => (recorder.stand?.waitsMs ?? 0) > 50);
    expect(recorder.stand?.lostMs).toBe(0);
    desk.away = false;
    await vi.waitUntil(() => recorder.stand?.waitsMs === 0);
    await recorder.end();
  });

  test('more than may wait is a gap that is told, and what follows plays', async () => {
    const room = streams.plain.reduce((sum, { body }) => sum + body.length, 0) / 2;
    const { desk, recorder } = start(createMemoryDesk(), room);
    desk.away = true;
    const endMs = play(recorder, streams.plain);
    desk.away = false;
    await vi.waitUntil(() => (desk.notes.get(first)?.samples.video ?? 0) > 0 || desk.pieces.size > 4);
    recorder.encoderChanged('ffmpeg');
    play(recorder, streams.plain.slice(0, 200), endMs);
    await recorder.end();
    const { lostMs = 0, ended, samples } = desk.notes.get(first) ?? {};
    expect(ended).toBe(true);
    expect(lostMs).toBeGreaterThan(1_000);
    const file = await finish(folder, desk, first);
    expect((await packets(file, 'v')).length).toBe(samples?.video);
  });

  test('a recording that others finished takes no more, and another one begins', async () => {
    const { desk, recorder } = start();
    play(recorder, streams.plain);
    await vi.waitUntil(() => desk.pieces.size >= 8);
    desk.closed.add(first);
    recorder.rest();
    recorder.encoderChanged('ffmpeg');
    const later = play(recorder, streams.plain, 20_000);
    await vi.waitUntil(() => {
      recorder.encoderChanged('ffmpeg');
      play(recorder, streams.plain, later + 20_000);
      return desk.notes.has(second);
    });
    await recorder.end();
    expect(desk.notes.get(first)?.ended).toBe(false);
    expect(desk.notes.get(second)?.ended).toBe(true);
  });
});
