import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BoxesInput, boxesOf, gainsOf, MAX_BOXES, type StageSource } from './boxes-of.ts';
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
      { identity: 'host_ada', source: 'camera', x: 0, y: 0, ...FRAME, fit: 'contain', card: false, label: null },
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

  test('any number of people in any layout and size gives even boxes inside the frame that do not overlap', () => {
    const sides = fc.integer({ min: 90, max: 1920 }).map((half) => half * 2);
    const people = fc.array(fc.record({ camera: fc.boolean(), screen: fc.boolean(), sound: fc.boolean() }), {
      maxLength: 24,
    });
    fc.assert(
      fc.property(people, fc.constantFrom(...LAYOUTS), sides, sides, (facts, layout, width, height) => {
        const sources = facts.map((fact, index) => person(`host_${index}`, fact));
        const boxes = boxesOf({ scene: Scene.parse({ layout }), sources, frame: { width, height } });
        const publishing = facts.filter((fact) => fact.camera || fact.screen || fact.sound).length;
        expect(boxes.length > 0).toBe(publishing > 0);
        expect(boxes.length).toBeLessThanOrEqual(MAX_BOXES);
        for (const box of boxes) {
          for (const value of [box.x, box.y, box.width, box.height]) expect(value % 2).toBe(0);
          expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(2);
          expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(width);
          expect(box.y + box.height).toBeLessThanOrEqual(height);
        }
        for (const [index, a] of boxes.entries())
          for (const b of boxes.slice(index + 1))
            expect(a.x >= b.x + b.width || b.x >= a.x + a.width || a.y >= b.y + b.height || b.y >= a.y + a.height).toBe(
              true,
            );
      }),
      { numRuns: 400 },
    );
  });
});
