import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rungsOf } from '#core/scene/rungs';
import { Program } from '#core/scene/scene';
import { chooseProgram, ProgramWish, RUNG_NAMES } from './choose-program.ts';

const choose = (wish: unknown) => chooseProgram(ProgramWish.parse(wish), 'low', ['720p']);
const fieldOf = (wish: unknown) => ProgramWish.safeParse(wish).error?.issues[0]?.path.join('.');

describe('the program of a broadcast', () => {
  test('without a wish it is what it always was: one rung of 720p30', () => {
    expect(chooseProgram(null, 'low', ['720p'])).toEqual(Program.parse({ shape: 'auto' }));
    expect(choose({})).toEqual(Program.parse({ shape: 'auto' }));
    expect(choose({ shape: 'wide' })).toEqual(Program.parse({}));
  });

  test('an install may have another default', () => {
    expect(chooseProgram(null, 'standard', ['480p', '720p']).ladder.map(({ id }) => id)).toEqual(['720p', '480p']);
  });

  test('a ladder of three is chosen by name, in any order', () => {
    const program = choose({ rungs: ['360p', '720p', '480p'] });
    expect(program).toMatchObject({ width: 1280, height: 720, fps: 30, latency: 'low' });
    expect(program.ladder).toEqual([
      { id: '720p', height: 720, bitrateKbps: 3000 },
      { id: '480p', height: 480, bitrateKbps: 1200 },
      { id: '360p', height: 360, bitrateKbps: 700 },
    ]);
  });

  test('upright and square pictures have the short side of their largest rung', () => {
    expect(choose({ shape: 'upright', rungs: ['1080p'] })).toMatchObject({ width: 1080, height: 1920 });
    expect(choose({ shape: 'square', rungs: ['480p'] })).toMatchObject({ width: 480, height: 480 });
  });

  test('sixty pictures a second get more bits, the smallest rung keeps its own rate', () => {
    expect(choose({ fps: 60, rungs: ['720p', '160p'] }).ladder).toEqual([
      { id: '720p', height: 720, bitrateKbps: 4500 },
      { id: '160p', height: 160, bitrateKbps: 200, fps: 15 },
    ]);
  });

  test('rungs of one’s own are taken as they are', () => {
    const own = { id: 'studio', height: 540, bitrateKbps: 1800 };
    expect(choose({ rungs: [own, '360p'] })).toMatchObject({ width: 960, height: 540, ladder: [own, { id: '360p' }] });
  });

  test('a wrong wish is refused by the name of its field', () => {
    expect(fieldOf({ rungs: ['4k'] })).toBe('rungs.0');
    expect(fieldOf({ rungs: ['720p', '720p'] })).toBe('rungs.1');
    expect(fieldOf({ rungs: ['720p', { id: 'x', height: 720, bitrateKbps: 100 }] })).toBe('rungs.1');
    expect(fieldOf({ rungs: [] })).toBe('rungs');
    expect(fieldOf({ fps: 200 })).toBe('fps');
    expect(fieldOf({ shape: 'round' })).toBe('shape');
  });

  test('whatever may be wished for is a program that the engine can make, every rung of it', () => {
    const own = fc.record({
      id: fc.stringMatching(/^[a-z]{3,8}$/),
      height: fc.integer({ min: 90, max: 2160 }),
      bitrateKbps: fc.integer({ min: 50, max: 20_000 }),
    });
    const wishes = fc.record({
      shape: fc.constantFrom('auto', 'wide', 'upright', 'square'),
      fps: fc.integer({ min: 5, max: 60 }),
      rungs: fc.array(fc.oneof(fc.constantFrom(...RUNG_NAMES), own), { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(wishes, (wish) => {
        const read = ProgramWish.safeParse(wish);
        fc.pre(read.success);
        const program = choose(wish);
        expect(Program.safeParse(program).success).toBe(true);
        const even = new Set(program.ladder.map(({ height }) => Math.floor(height / 2)));
        expect(rungsOf(program)).toHaveLength(even.size);
      }),
    );
  });
});
