import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rungsOf } from '#core/scene/rungs';
import { Program } from '#core/scene/scene';
import { chooseProgram, ProgramWish, RUNG_NAMES } from './choose-program.ts';
import { fitProgram } from './fit-program.ts';

const choose = (wish: unknown) => chooseProgram(ProgramWish.parse(wish), 'low', ['720p']);
const HD30 = { width: 1280, height: 720, fps: 30 };
const idsOf = ({ ladder }: Program) => ladder.map(({ id }) => id);

describe('the program for one encoder', () => {
  test('a plan of 1080p60 with a source of 720p30 becomes 720p30, with the bits that this needs', () => {
    const fitted = fitProgram(choose({ fps: 60, rungs: ['1080p', '720p', '360p'] }), HD30);
    expect(fitted).toMatchObject({ width: 1280, height: 720, fps: 30 });
    expect(fitted.ladder).toEqual(choose({ rungs: ['720p', '360p'] }).ladder);
  });

  test('what fits comes back as it is, the host’s smaller choice as well', () => {
    for (const wish of [{}, { rungs: ['480p'] }, { fps: 25 }]) {
      const program = choose(wish);
      expect(fitProgram(program, HD30)).toEqual(program);
      expect(fitProgram(program, { ...HD30, fps: null })).toEqual(program);
    }
    const wide = choose({ shape: 'wide' });
    expect(fitProgram(wide, HD30)).toBe(wide);
  });

  test('when no rung is near the source’s size the largest takes that size, with fewer bits', () => {
    const fitted = fitProgram(choose({ rungs: ['1080p', '360p'] }), HD30);
    expect(idsOf(fitted)).toEqual(['720p', '360p']);
    expect(fitted.ladder[0]).toEqual({ id: '720p', height: 720, bitrateKbps: 2449 });
    const alone = fitProgram(choose({ rungs: ['1080p'] }), { width: 640, height: 360, fps: 30 });
    expect(alone).toMatchObject({ width: 640, height: 360, ladder: [{ id: '360p', height: 360 }] });
  });

  test('an upright or square source gives an upright or square program where the host chose no shape', () => {
    const upright = fitProgram(choose({ rungs: ['1080p', '480p'] }), { width: 1080, height: 1920, fps: 30 });
    expect(upright).toMatchObject({ width: 1080, height: 1920 });
    expect(idsOf(upright)).toEqual(['1080p', '480p']);
    const square = fitProgram(choose({ rungs: ['720p'] }), { width: 800, height: 800, fps: 30 });
    expect(square).toMatchObject({ width: 720, height: 720 });
    const small = fitProgram(choose({ rungs: ['1080p'] }), { width: 720, height: 1280, fps: 30 });
    expect(small).toMatchObject({ width: 720, height: 1280, ladder: [{ id: '720p' }] });
  });

  test('a shape that the host chose stays, and a source of another shape is not scaled up in it', () => {
    const wide = choose({ shape: 'wide', rungs: ['1080p'] });
    // It stands in the middle, 1080 high: smaller than it is.
    expect(fitProgram(wide, { width: 1080, height: 1920, fps: 30 })).toBe(wide);
    const upright = fitProgram(choose({ shape: 'upright', rungs: ['1080p'] }), HD30);
    expect(upright).toMatchObject({ width: 1080, height: 1920 });
  });

  test('the rate is that of the source’s kind where it is lower: 25 stays 25, 29.3 as measured is 30, and nothing below 15', () => {
    const fpsFor = (fps: number) => fitProgram(choose({ fps: 60 }), { ...HD30, fps }).fps;
    expect([24, 25, 24.6, 25.3, 29.97, 29.3, 50, 58.4, 60, 120, 5].map(fpsFor)).toEqual([
      24, 25, 25, 25, 30, 30, 50, 60, 60, 60, 15,
    ]);
    // A rate of the host's own is not raised to one of these.
    expect(fitProgram(choose({ fps: 20 }), { ...HD30, fps: 17 }).fps).toBe(20);
  });

  test('whatever comes, the result is a program that can be made, never larger or faster than was chosen', () => {
    const wishes = fc.record({
      shape: fc.constantFrom('auto', 'wide', 'upright', 'square'),
      fps: fc.integer({ min: 5, max: 60 }),
      rungs: fc.uniqueArray(fc.constantFrom(...RUNG_NAMES), { minLength: 1 }),
    });
    const pictures = fc.record({
      width: fc.integer({ min: 0, max: 8000 }),
      height: fc.integer({ min: 0, max: 8000 }),
      fps: fc.option(fc.double({ min: 0, max: 240, noNaN: true })),
    });
    fc.assert(
      fc.property(wishes, pictures, (wish, picture) => {
        const program = choose(wish);
        const fitted = fitProgram(program, picture);
        expect(Program.parse(fitted)).toEqual(fitted);
        expect(rungsOf(fitted)).toHaveLength(fitted.ladder.length);
        expect(fitted.fps).toBeLessThanOrEqual(program.fps);
        const short = ({ width, height }: Program) => Math.min(width, height);
        expect(short(fitted)).toBeLessThanOrEqual(short(program));
        expect(new Set(idsOf(fitted)).size).toBe(fitted.ladder.length);
      }),
    );
  });
});
