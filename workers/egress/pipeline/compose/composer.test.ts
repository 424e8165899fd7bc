import '../native.ts';
import fc from 'fast-check';
import type { Frame } from 'node-av';
import { afterEach, describe, expect, test } from 'vitest';
import { LAYOUTS, Program, Scene } from '#core/scene/scene';
import { arrange } from './arrange.ts';
import { Composer } from './composer.ts';
import { host, plainPicture } from './fixtures/stage-people.ts';
import type { Person, RawPicture } from './inputs.ts';

const SIZE = { width: 640, height: 360 };
const WHITE = 235;
const GREY = 120;
/** Luma of the standard background, #0b0d10. */
const GROUND = 27;

const open: Composer[] = [];
afterEach(() => {
  for (const composer of open.splice(0)) composer.close();
});

/** A composer with a hand on its scene, its people and its clock. */
function makeStage(size = SIZE) {
  const program = Program.parse(size);
  const troubles: string[] = [];
  const onTrouble = (error: unknown) => void troubles.push(String(error));
  const composer = new Composer({ program, isAllowed: () => false, onTrouble });
  open.push(composer);
  let tick = 0;
  const wallMs = Date.parse('2026-05-01T18:00:00Z');
  return {
    composer,
    troubles,
    /** Composes the next tick and hands the frame to `look` before it is released. */
    async show<T>(people: Person[], scene: object, look: (frame: Frame, showsSource: boolean) => T): Promise<T> {
      const metadata = { v: 1 as const, program, scene: Scene.parse(scene) };
      const view = { version: tick, people, activeSpeaker: null, metadata };
      const wish = { direction: { kind: 'scene' } as const, override: null, program, focus: null, nowMs: 0, wallMs };
      const drawn = await composer.compose(arrange({ view, ...wish }), { tick: tick++, wallMs });
      try {
        return look(drawn.frame, drawn.showsSource);
      } finally {
        drawn.release();
      }
    },
  };
}

function luma(frame: Frame, x: number, y: number): number {
  return frame.data?.[0]?.[y * (frame.linesize[0] ?? 0) + x] ?? -1;
}

/** Row after row, without the padding behind them. */
function lumaBytes(frame: Frame): Buffer {
  const stride = frame.linesize[0] ?? 0;
  const rows = Array.from({ length: frame.height }, (_, row) =>
    frame.data?.[0]?.subarray(row * stride, row * stride + frame.width),
  );
  return Buffer.concat(rows.map((row) => row ?? Buffer.alloc(0)));
}

describe('Composer', () => {
  test('a source of the program’s size alone is sent as it came', async () => {
    const picture = plainPicture(GREY, SIZE, WHITE);
    const stage = makeStage();
    const bytes = await stage.show([host('ada', picture)], {}, (frame) =>
      frame.data?.map((plane) => Buffer.from(plane)),
    );
    expect(Buffer.concat(bytes ?? []).equals(picture.data)).toBe(true);
  });

  test('a source of another size fills the frame, one of another shape is shown whole', async () => {
    const stage = makeStage();
    const large = plainPicture(WHITE, { width: 1280, height: 720 });
    await stage.show([host('ada', large)], {}, (frame) => {
      expect([luma(frame, 0, 0), luma(frame, 639, 359)]).toEqual([WHITE, WHITE]);
    });
    const phone = plainPicture(WHITE, { width: 360, height: 640 });
    await stage.show([host('ada', phone)], {}, (frame) => {
      expect([luma(frame, 20, 180), luma(frame, 320, 180), luma(frame, 620, 180)]).toEqual([GROUND, WHITE, GROUND]);
    });
  });

  test.each([
    [90, [GREY, WHITE]],
    [180, [WHITE, GREY]],
    [270, [WHITE, GREY]],
  ] as const)('a picture that comes turned by %i degrees is turned back', async (rotation, [first, last]) => {
    const picture = { ...plainPicture(GREY, { width: 640, height: 360 }, WHITE), rotation };
    await makeStage().show([host('ada', picture)], {}, (frame) => {
      const seen =
        rotation === 180
          ? [luma(frame, 100, 180), luma(frame, 540, 180)]
          : [luma(frame, 320, 40), luma(frame, 320, 320)];
      expect(seen).toEqual([first, last]);
    });
  });

  test('what lies beside a picture stays as it was, whatever the widths', async () => {
    const stage = makeStage({ width: 854, height: 480 });
    const people = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      host(name, plainPicture(WHITE, { width: 502, height: 282 })),
    );
    for (let tick = 0; tick < 3; tick++) {
      await stage.show(people, { labels: false }, (frame) => {
        const values = new Map<number, number>();
        for (const value of lumaBytes(frame)) values.set(value, (values.get(value) ?? 0) + 1);
        expect([...values.keys()].sort((x, y) => x - y)).toEqual([GROUND, WHITE]);
      });
    }
  });

  test('any people in any layout, with sizes and turns that change, who leave and return, never stop the picture', async () => {
    const shape = fc.record({
      luma: fc.constantFrom(GREY, WHITE),
      width: fc.integer({ min: 2, max: 900 }),
      height: fc.integer({ min: 2, max: 900 }),
      rotation: fc.constantFrom(0 as const, 90 as const, 180 as const, 270 as const),
    });
    const people = fc.array(fc.option(shape, { freq: 4 }), { maxLength: 10 });
    const step = fc.record({ people, layout: fc.constantFrom(...LAYOUTS), fade: fc.boolean(), graphics: fc.boolean() });
    const overlays = [
      { id: 't', kind: 'ticker', text: 'to be continued' },
      { id: 'l', kind: 'lower-third', title: 'Ada' },
      { id: 'x', kind: 'hologram' },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const stage = makeStage();
        for (const { people: list, layout, fade, graphics } of steps) {
          const cast = list.map((one, index) =>
            host(`h${index}`, one && { ...plainPicture(one.luma, one), rotation: one.rotation }),
          );
          const scene = { layout, transition: { kind: fade ? 'fade' : 'cut' }, overlays: graphics ? overlays : [] };
          await stage.show(cast, scene, (frame, showsSource) => {
            expect([frame.width, frame.height]).toEqual([SIZE.width, SIZE.height]);
            expect(showsSource).toBe(cast.length > 0);
          });
        }
        expect(stage.troubles).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('while nothing changes nothing is drawn: the same picture is given again', async () => {
    const stage = makeStage();
    const people = [host('ada', plainPicture(WHITE, SIZE)), host('bo', null)];
    const scene = { overlays: [{ id: 'l', kind: 'lower-third', title: 'Ada' }] };
    const first = await stage.show(people, scene, (frame) => frame);
    const drawn = stage.composer.spritesDrawn;
    expect(drawn).toBeGreaterThan(0);
    for (let tick = 0; tick < 5; tick++) expect(await stage.show(people, scene, (frame) => frame)).toBe(first);
    expect(stage.composer.spritesDrawn).toBe(drawn);
  });

  test('a picture an encoder still holds is not drawn over', async () => {
    const stage = makeStage();
    const held = await stage.show([host('ada', plainPicture(WHITE, SIZE))], {}, (frame) => frame.clone());
    for (let tick = 0; tick < 6; tick++) {
      await stage.show([host('ada', plainPicture(GREY - tick, SIZE))], {}, (frame) => luma(frame, 0, 0));
    }
    expect(held && luma(held, 320, 180)).toBe(WHITE);
    held?.free();
  });

  test('a cut is there at once, a fade goes evenly from the old picture to the new', async () => {
    const people = (value: number, name: string) => [host(name, plainPicture(value, SIZE))];
    const middle = (frame: Frame) => luma(frame, 320, 180);
    const cut = makeStage();
    await cut.show(people(40, 'ada'), {}, middle);
    expect(await cut.show(people(WHITE, 'bo'), {}, middle)).toBe(WHITE);
    const fading = makeStage();
    const transition = { kind: 'fade', ms: 300 };
    await fading.show(people(40, 'ada'), { transition }, middle);
    const seen: number[] = [];
    for (let tick = 0; tick < 10; tick++) seen.push(await fading.show(people(WHITE, 'bo'), { transition }, middle));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.slice(0, 9).every((value) => value > 40 && value < WHITE)).toBe(true);
    expect(seen[9]).toBe(WHITE);
    expect(new Set(seen).size).toBeGreaterThan(8);
  });

  test('the slate says "back" once a source was on air, and shows no lower third', async () => {
    const stage = makeStage();
    const third = [{ id: 'l', kind: 'lower-third', title: 'Ada' }];
    const soon = await stage.show([], { overlays: third }, lumaBytes);
    expect((await stage.show([], {}, lumaBytes)).equals(soon)).toBe(true);
    await stage.show([host('ada', plainPicture(WHITE, SIZE))], {}, () => {});
    expect((await stage.show([], {}, lumaBytes)).equals(soon)).toBe(false);
  });

  test('a ticker moves by the same whole number of pixels each tick, over any picture', async () => {
    const stage = makeStage();
    const ticker = [{ id: 't', kind: 'ticker', text: 'one two three four five six seven eight nine ten', speed: 0.1 }];
    const rows: Buffer[] = [];
    for (let tick = 0; tick < 4; tick++) {
      const row = await stage.show([host('ada', plainPicture(GREY + tick, SIZE))], { overlays: ticker }, (frame) =>
        lumaBytes(frame).subarray(347 * 640, 348 * 640),
      );
      rows.push(row);
    }
    const step = Math.round((0.1 * 640) / 30);
    for (const [index, row] of rows.slice(1).entries()) {
      expect(row.subarray(0, 640 - step).equals(rows[index]?.subarray(step) ?? Buffer.alloc(0))).toBe(true);
    }
    expect(new Set(rows[0]).size).toBeGreaterThan(8);
  });

  test('a logo that cannot be had is told and left out', async () => {
    const stage = makeStage();
    const overlays = [{ id: 'l', kind: 'logo', url: 'http://127.0.0.1:1/logo.png?key=secret' }];
    const people = [host('ada', plainPicture(WHITE, SIZE))];
    await stage.show(people, { overlays }, () => {});
    await stage.composer.picturesSettled();
    await stage.show(people, { overlays }, (frame) => expect(luma(frame, 600, 20)).toBe(WHITE));
    expect(stage.troubles).toHaveLength(1);
    expect(stage.troubles[0]).toContain('127.0.0.1:1 cannot be shown: the address is not public');
    expect(stage.troubles[0]).not.toContain('secret');
  });

  test('a picture that cannot be scaled leaves its place empty and the others on air', async () => {
    const stage = makeStage();
    const broken: RawPicture = { ...plainPicture(WHITE, { width: 64, height: 64 }), data: new Uint8Array(10) };
    const people = [host('ada', broken), host('bo', plainPicture(WHITE, SIZE))];
    await stage.show(people, {}, (frame) => expect(luma(frame, 480, 180)).toBe(WHITE));
    expect(stage.troubles).toHaveLength(1);
  });
});
