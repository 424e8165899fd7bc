import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { CodecContext, FilterGraph, type Frame, Packet } from 'node-av';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { mediaKeys } from '#core/playback/live-feed';
import type { ImagePlan } from '../../../plan.ts';
import { copyToFrame } from '../../native-frame.ts';
import type { Bucket } from '../storage.ts';
import { ImageMaker } from './image-maker.ts';
import type { PictureLine } from './picture-line.ts';
import { firstFree, imageKey, openRequestImages } from './request-images.ts';
import { openShowImages } from './show-images.ts';
import {
  type Cue,
  readStoryboard,
  renderStoryboard,
  stepAfter,
  TILES_A_SHEET,
  tileAt,
  tileSize,
} from './storyboard.ts';

const log = pino({ level: 'silent' });
const PROGRAM = { width: 640, height: 360, fps: 30 };
const ID = 'pb_show';

/** A picture of one colour (limited range). */
function picture(y: number, u = 128, v = 128): Frame {
  const luma = PROGRAM.width * PROGRAM.height;
  const data = new Uint8Array((luma * 3) / 2).fill(y, 0, luma);
  data.fill(u, luma, luma * 1.25).fill(v, luma * 1.25);
  return copyToFrame({ data, width: PROGRAM.width, height: PROGRAM.height });
}

function makeStore() {
  const objects = new Map<string, Buffer>();
  return {
    objects,
    away: false,
    replace(key: string, bytes: Buffer) {
      objects.set(key, bytes);
    },
    async get(key: string) {
      if (this.away) throw new Error('away');
      return objects.get(key) ?? null;
    },
  };
}

/** Mean red, green, blue of a region of a JPEG or PNG, by FFmpeg's reading of it. */
function colorOf(bytes: Buffer, region: { x: number; y: number; width: number; height: number }): number[] {
  const { x, y, width, height } = region;
  const filter = `crop=${width}:${height}:${x}:${y},scale=1:1:flags=area`;
  const args = [
    '-v',
    'error',
    '-f',
    'image2pipe',
    '-i',
    '-',
    '-vf',
    filter,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ];
  return [...execFileSync('ffmpeg', args, { input: bytes })];
}

const open: PictureLine[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sink) => sink.close()));
});
async function openShow(store: ReturnType<typeof makeStore>, baseS = 0): Promise<PictureLine[]> {
  const sinks = await openShowImages({ playbackId: ID, program: PROGRAM, baseS }, store, log);
  open.push(...sinks);
  return sinks;
}
/** Shows one picture at `atS`; resolves when everybody is done with it. */
async function show(sinks: readonly PictureLine[], atS: number, frame: Frame, showsSource = true): Promise<void> {
  for (const sink of sinks) sink.picture?.({ frame, tick: Math.round(atS * PROGRAM.fps), showsSource });
  frame.free();
  await Promise.all(sinks.map((sink) => sink.idle()));
}

test('an image maker that cannot be opened keeps nothing native', async () => {
  const frees = [
    vi.spyOn(FilterGraph.prototype, 'free'),
    vi.spyOn(Packet.prototype, 'free'),
    vi.spyOn(CodecContext.prototype, 'freeContext'),
  ];
  await expect(ImageMaker.open({ width: 0, height: 0 }, PROGRAM, 'jpeg')).rejects.toThrow('create filter');
  for (const free of frees) expect(free).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
});

describe('the live thumbnail', () => {
  test('is a JPEG of the program in its colours, renewed every five seconds', async () => {
    const store = makeStore();
    const sinks = await openShow(store);
    const thumb = () => store.objects.get(mediaKeys.thumbnail(ID));
    await show(sinks, 0, picture(81, 90, 240));
    await show(sinks, 1.5, picture(81, 90, 240));
    await vi.waitFor(() => expect(thumb()).toBeDefined());
    const red = thumb()!;
    // Red of BT.709 in limited range comes out as red, not as the orange or pink of a wrong matrix or range.
    const [r = 0, g = 0, b = 0] = colorOf(red, { x: 10, y: 10, width: 600, height: 300 });
    expect([r > 200, g < 60, b < 40]).toEqual([true, true, true]);
    await show(sinks, 3, picture(145, 54, 34));
    expect(thumb()).toBe(red);
    await show(sinks, 7, picture(145, 54, 34));
    await vi.waitFor(() => expect(thumb()).not.toBe(red));
  });

  test('shows the slate until there is a source, and never again after that', async () => {
    const store = makeStore();
    const sinks = await openShow(store);
    const thumb = () => store.objects.get(mediaKeys.thumbnail(ID));
    await show(sinks, 0, picture(30), false);
    await vi.waitFor(() => expect(thumb()).toBeDefined());
    const slate = thumb();
    await show(sinks, 8, picture(120), true);
    expect(thumb()).toBe(slate);
    await show(sinks, 9.1, picture(120), true);
    await vi.waitFor(() => expect(thumb()).not.toBe(slate));
    const source = thumb();
    for (const atS of [15, 21, 27]) await show(sinks, atS, picture(30), false);
    expect(thumb()).toBe(source);
  });
});

describe('the storyboard', () => {
  const cues = (store: ReturnType<typeof makeStore>) =>
    readStoryboard(String(store.objects.get(mediaKeys.storyboardTrack(ID)) ?? ''));

  test('grows by a picture every five seconds, each where its cue says', async () => {
    const store = makeStore();
    const sinks = await openShow(store);
    const grey = [40, 90, 140, 190, 230];
    for (const [i, y] of grey.entries()) {
      await show(sinks, i * 5, picture(y));
      await vi.waitFor(() => expect(cues(store).length).toBe(i + 1));
    }
    const sheet = store.objects.get(mediaKeys.storyboard(ID, 0))!;
    for (const [i, cue] of cues(store).entries()) {
      expect(cue).toMatchObject({ atS: i * 5, sheet: 0 });
      const want = ((grey[i]! - 16) * 255) / 219;
      for (const channel of colorOf(sheet, cue)) expect(Math.abs(channel - want)).toBeLessThan(8);
    }
  });

  test('goes on behind what a crashed engine left', async () => {
    const store = makeStore();
    const first = await openShow(store);
    await show(first, 0, picture(100));
    await vi.waitFor(() => expect(cues(store).length).toBe(1));
    const sheet = store.objects.get(mediaKeys.storyboard(ID, 0));
    const second = await openShow(store, 7.5);
    await show(second, 0, picture(200));
    await vi.waitFor(() =>
      expect(cues(store).map(({ atS, sheet }) => [atS, sheet])).toEqual([
        [0, 0],
        [7.5, 1],
      ]),
    );
    expect(store.objects.get(mediaKeys.storyboard(ID, 0))).toBe(sheet);
  });

  test('writes nothing over what was left while storage does not tell what that is', async () => {
    const store = makeStore();
    await show(await openShow(store), 0, picture(100));
    await vi.waitFor(() => expect(cues(store).length).toBe(1));
    const second = await openShow(store, 7.5);
    store.away = true;
    await show(second, 0, picture(200));
    expect(cues(store).length).toBe(1);
    store.away = false;
    await show(second, 5, picture(200));
    await vi.waitFor(() => expect(cues(store).map(({ atS }) => atS)).toEqual([0, 12.5]));
  });

  test('what is written is read back the same, without gap or overlap', () => {
    const size = fc.record({ width: fc.integer({ min: 16, max: 3840 }), height: fc.integer({ min: 16, max: 2160 }) });
    fc.assert(
      fc.property(size, fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 80 }), (program, steps) => {
        const tile = tileSize(program);
        expect((tile.width % 2) + (tile.height % 2)).toBe(0);
        let atMs = 0;
        const made: Cue[] = steps.map((step, i) => {
          const cue = { atS: atMs / 1000, ...tileAt(i, 3, tile) };
          atMs += step;
          return cue;
        });
        const text = renderStoryboard(made);
        expect(readStoryboard(text)).toEqual(made);
        const times = [...text.matchAll(/^(\S+) --> (\S+)$/gm)];
        for (const [i, [, , end]] of times.entries()) if (times[i + 1]) expect(end).toBe(times[i + 1]![1]);
      }),
    );
  });

  test('gets rarer the longer a show is, so that eight hours are fewer than 2,100 pictures', () => {
    let count = 0;
    for (let atS = 0; atS < 8 * 3600; atS += stepAfter(atS)) count++;
    expect(count).toBeLessThan(2100);
    expect(tileAt(count, 0, tileSize(PROGRAM)).sheet).toBe(Math.floor(count / TILES_A_SHEET));
  });
});

describe('images of a LiveKit request', () => {
  const plan = (change: Partial<ImagePlan>): ImagePlan => ({
    index: 0,
    intervalS: 2,
    width: 0,
    height: 0,
    prefix: 'shots/room',
    suffix: 'index',
    extension: '.jpeg',
    storage: {
      endpoint: 'http://127.0.0.1:9',
      region: '',
      bucket: '',
      accessKey: '',
      secretKey: '',
      forcePathStyle: true,
    },
    ...change,
  });
  const makeBucket = (objects = new Map<string, Buffer>()): Bucket & { objects: Map<string, Buffer> } => ({
    objects,
    put: async (key, bytes) => void objects.set(key, bytes),
    get: async (key) => objects.get(key) ?? null,
  });
  const openOne = async (image: ImagePlan, bucket: Bucket, counts: number[]) => {
    const target = { egressId: 'EG_test', program: PROGRAM };
    const sink = await openRequestImages(image, target, (count) => counts.push(count), bucket, log);
    open.push(sink);
    return sink;
  };

  test('are numbered from 0, counted as they are stored, and go on behind those of a crashed engine', async () => {
    const bucket = makeBucket();
    const counts: number[] = [];
    for (const turn of [0, 1]) {
      const sink = await openOne(plan({}), bucket, counts);
      for (const atS of [0, 1, 2]) await show([sink], atS, picture(100));
      await vi.waitFor(() => expect(bucket.objects.size).toBe(2 + turn * 2));
    }
    expect([...bucket.objects.keys()]).toEqual([0, 1, 2, 3].map((n) => `shots/room_0000${n}.jpeg`));
    expect(counts).toEqual([1, 2, 3, 4]);
  });

  test('are PNG where the name says so, in the asked size', async () => {
    const bucket = makeBucket();
    const sink = await openOne(
      plan({ extension: '.png', width: 320, height: 180, suffix: 'none-overwrite' }),
      bucket,
      [],
    );
    await show([sink], 0, picture(126));
    await vi.waitFor(() => expect(bucket.objects.get('shots/room.png')).toBeDefined());
    const png = bucket.objects.get('shots/room.png')!;
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([320, 180]);
    for (const channel of colorOf(png, { x: 0, y: 0, width: 320, height: 180 }))
      expect(Math.abs(channel - 128)).toBeLessThan(3);
  });

  test('are named as LiveKit names them', () => {
    const at = Date.UTC(2026, 10, 21, 9, 5, 7, 42);
    expect(imageKey(plan({ suffix: 'timestamp' }), 3, at)).toBe('shots/room_20261121090507042.jpeg');
    expect(imageKey(plan({}), 123_456, at)).toBe('shots/room_123456.jpeg');
  });

  test('the next number is found whatever was left, in few questions', async () => {
    for (const count of [0, 1, 2, 3, 17, 1000]) {
      let asked = 0;
      const get = async (number: number) => {
        asked++;
        return number < count ? {} : null;
      };
      expect(await firstFree(get)).toBe(count);
      expect(asked).toBeLessThan(25);
    }
  });
});
