import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Box, type BoxesInput, boxesOf, gainsOf, pictureFit, type StageSource } from './boxes-of.ts';
import { CAPACITY } from './layout-places.ts';
import { inset, isInside, overlap } from './pixels.ts';
import { LAYOUTS, Scene } from './scene.ts';

const FRAME = { width: 1280, height: 720 };
const person = (identity: string, facts: Partial<StageSource> = {}): StageSource => ({
  identity,
  name: identity.replace(/^\w+_/, ''),
  camera: true,
  screen: false,
  sound: true,
  ...facts,
});
const draw = (sources: StageSource[], scene: object = {}, rest: Partial<BoxesInput> = {}) =>
  boxesOf({ scene: Scene.parse(scene), sources, frame: FRAME, ...rest });

describe('boxesOf', () => {
  test('one source alone fills the frame and wears no label', () => {
    expect(draw([person('host_ada')])).toEqual([
      {
        identity: 'host_ada',
        source: 'camera',
        role: 'main',
        x: 0,
        y: 0,
        ...FRAME,
        fit: 'contain',
        card: false,
        label: null,
        muted: false,
      },
    ]);
  });

  test('guests wait backstage until the scene names them', () => {
    const sources = [person('host_ada'), person('guest_bo')];
    expect(draw(sources).map((box) => box.identity)).toEqual(['host_ada']);
    expect(draw(sources, { slots: [{ identity: 'guest_bo' }] }).map((box) => box.identity)).toEqual(['guest_bo']);
    expect(draw(sources, {}, { everyone: true })).toHaveLength(2);
  });

  test('a person without a picture is a name card, a slot for a screen that is not shared is empty', () => {
    expect(draw([person('host_ada', { camera: false })])[0]?.card).toBe(true);
    expect(draw([person('host_ada')], { slots: [{ identity: 'host_ada', source: 'screen' }] })).toEqual([]);
  });

  test('the backup encoder is not shown or heard while the primary sends', () => {
    const both = [person('enc_primary'), person('enc_backup')];
    expect(draw(both).map((box) => box.identity)).toEqual(['enc_primary']);
    expect([...gainsOf({ scene: Scene.parse({}), sources: both }).keys()]).toEqual(['enc_primary']);
    const gone = [person('enc_primary', { camera: false, sound: false }), person('enc_backup')];
    expect(draw(gone).map((box) => box.identity)).toEqual(['enc_backup']);
  });

  test('the speaker layout enlarges a screen first, else who speaks', () => {
    const sources = [person('host_ada'), person('host_bo'), person('host_cy')];
    const speaker = (rest: Partial<BoxesInput>, list = sources) => draw(list, { layout: 'speaker' }, rest)[0];
    expect(speaker({ activeSpeaker: 'host_cy' })?.identity).toBe('host_cy');
    const sharing = [person('host_ada'), person('host_bo', { screen: true })];
    expect(speaker({ activeSpeaker: 'host_ada' }, sharing)).toMatchObject({ identity: 'host_bo', source: 'screen' });
  });

  test('four people make two rows of two', () => {
    const boxes = draw(['a', 'b', 'c', 'd'].map((id) => person(`host_${id}`)));
    expect(new Set(boxes.map((box) => box.x)).size).toBe(2);
    expect(new Set(boxes.map((box) => box.y)).size).toBe(2);
    expect(boxes.every((box) => box.label !== null)).toBe(true);
  });

  test('gains follow the slots', () => {
    const sources = [person('host_ada'), person('guest_bo'), person('guest_cy')];
    const scene = Scene.parse({
      slots: [
        { identity: 'host_ada', gain: 0.5 },
        { identity: 'guest_bo', muted: true },
      ],
    });
    expect([...gainsOf({ scene, sources })]).toEqual([
      ['host_ada', 0.5],
      ['guest_bo', 0],
    ]);
  });

  test('names can be switched off, and a muted microphone is marked', () => {
    const two = [person('host_ada'), person('host_bo', { muted: true })];
    expect(draw(two).map(({ label, muted }) => [label, muted])).toEqual([
      ['ada', false],
      ['bo', true],
    ]);
    expect(draw(two, { labels: false }).every(({ label }) => label === null)).toBe(true);
    const slots = two.map(({ identity }) => ({ identity, muted: identity === 'host_ada' }));
    expect(draw(two, { slots }).map(({ muted }) => muted)).toEqual([true, true]);
  });

  test('a slot chooses its fit, else a screen is shown whole and a face fills its place', () => {
    const both = [person('host_ada', { screen: true }), person('host_bo')];
    expect(draw(both, { layout: 'screen' }).map(({ fit }) => fit)).toEqual(['contain', 'auto', 'auto']);
    const slots = [{ identity: 'host_bo', fit: 'contain' }, { identity: 'host_ada' }];
    expect(draw(both, { layout: 'side-by-side', slots }).map(({ fit }) => fit)).toEqual(['contain', 'cover']);
    const wide = { x: 0, y: 0, width: 640, height: 360 };
    expect(pictureFit('auto', wide, { width: 640, height: 480 })).toBe('cover');
    expect(pictureFit('auto', wide, { width: 720, height: 1280 })).toBe('contain');
  });

  test('a screen is large in every layout that has a main picture, with the cameras set into it or beside it', () => {
    const sources = [person('host_ada'), person('host_bo', { screen: true })];
    for (const layout of ['screen', 'pip', 'speaker', 'portrait'] as const) {
      const [main, ...others] = draw(sources, { layout });
      expect([main?.source, others.length]).toEqual(['screen', 2]);
    }
  });

  test('news keeps the strip of its banner free, and that of a ticker', () => {
    const sources = [person('host_ada'), person('host_bo')];
    const lowest = (scene: object) =>
      Math.max(...draw(sources, { layout: 'news', ...scene }).map((box) => box.y + box.height));
    expect(lowest({})).toBeLessThanOrEqual(720 * 0.84);
    expect(lowest({ overlays: [{ id: 't', kind: 'ticker', text: 'now' }] })).toBeLessThanOrEqual(720 * 0.77);
  });

  test('portrait stands upright in the middle of a wide program', () => {
    const boxes = draw([person('host_ada'), person('host_bo')], { layout: 'portrait' });
    expect(boxes.every((box) => box.x >= 420 && box.x + box.width <= 860)).toBe(true);
    expect(boxes.every((box) => box.fit === 'cover')).toBe(true);
  });

  const half = (min: number, max: number) => fc.integer({ min, max }).map((value) => value * 2);
  const people = fc.array(fc.record({ camera: fc.boolean(), screen: fc.boolean(), sound: fc.boolean() }), {
    maxLength: 24,
  });
  const shape = fc.record({
    layout: fc.constantFrom(...LAYOUTS),
    width: half(90, 1920),
    height: half(90, 1920),
    margin: fc.constantFrom(0, 0.03, 0.1),
  });

  test('any number of people in any layout and size gives even boxes inside the margin that do not overlap', () => {
    fc.assert(
      fc.property(people, shape, (facts, { layout, width, height, margin }) => {
        const sources = facts.map((fact, index) => person(`host_${index}`, fact));
        const scene = Scene.parse({ layout, margins: { pictures: margin } });
        const boxes = boxesOf({ scene, sources, frame: { width, height } });
        const publishing = facts.filter((fact) => fact.camera || fact.screen || fact.sound).length;
        expect(boxes.length > 0).toBe(publishing > 0);
        expect(boxes.length).toBeLessThanOrEqual(CAPACITY[layout]);
        for (const box of boxes) {
          for (const value of [box.x, box.y, box.width, box.height]) expect(value % 2).toBe(0);
          expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(2);
          expect(isInside(box, inset({ width, height }, margin))).toBe(true);
        }
        for (const [index, a] of boxes.entries())
          for (const b of boxes.slice(index + 1)) {
            if (isSetInto(b, a)) expect(isInside(b, a)).toBe(true);
            else expect(overlap(a, b)).toBe(false);
          }
        expect(boxesOf({ scene, sources, frame: { width, height } })).toEqual(boxes);
      }),
      { numRuns: 1000 },
    );
  });

  test('whoever joins does not shuffle the others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.constantFrom(...LAYOUTS), (count, layout) => {
        const sources = Array.from({ length: count + 1 }, (_, index) => person(`host_${index}`));
        const before = draw(sources.slice(0, count), { layout }).map((box) => box.identity);
        const after = draw(sources, { layout }).map((box) => box.identity);
        expect(after.slice(0, before.length)).toEqual(before);
      }),
    );
  });
});

function isSetInto(inner: Box, outer: Box): boolean {
  return inner.role === 'inset' && outer.role === 'main';
}
