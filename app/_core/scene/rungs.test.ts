import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pixelRateOf, rungsOf } from './rungs.ts';

const LADDER = [
  { id: '720p', height: 720, bitrateKbps: 3000 },
  { id: '480p', height: 480, bitrateKbps: 1200 },
  { id: '160p', height: 160, bitrateKbps: 150, fps: 15 },
];

test('a wide program gives the usual sizes, the small rung half of the pictures', () => {
  expect(rungsOf({ width: 1280, height: 720, fps: 30, ladder: LADDER })).toEqual([
    { id: '720p', width: 1280, height: 720, fps: 30, step: 1, bitrateKbps: 3000 },
    { id: '480p', width: 854, height: 480, fps: 30, step: 1, bitrateKbps: 1200 },
    { id: '160p', width: 284, height: 160, fps: 15, step: 2, bitrateKbps: 150 },
  ]);
});

test('the same ladder serves upright and square programs by the short side', () => {
  expect(
    rungsOf({ width: 720, height: 1280, fps: 30, ladder: LADDER }).map(({ width, height }) => [width, height]),
  ).toEqual([
    [720, 1280],
    [480, 854],
    [160, 284],
  ]);
  expect(
    rungsOf({ width: 720, height: 720, fps: 30, ladder: LADDER }).map(({ width, height }) => [width, height]),
  ).toEqual([
    [720, 720],
    [480, 480],
    [160, 160],
  ]);
});

test('nothing is scaled up: rungs larger than the program become one of its size', () => {
  const ladder = [{ id: '1080p', height: 1080, bitrateKbps: 4500 }, ...LADDER];
  expect(rungsOf({ width: 1280, height: 720, fps: 30, ladder }).map(({ id, height }) => [id, height])).toEqual([
    ['1080p', 720],
    ['480p', 480],
    ['160p', 160],
  ]);
});

test('a frame rate that does not divide becomes the next whole fraction below', () => {
  const ladder = [{ id: 'a', height: 360, bitrateKbps: 500, fps: 20 }];
  expect(rungsOf({ width: 640, height: 360, fps: 30, ladder })[0]).toMatchObject({ fps: 15, step: 2 });
  expect(rungsOf({ width: 640, height: 360, fps: 25, ladder })[0]).toMatchObject({ fps: 12.5, step: 2 });
});

test('whatever is asked, rungs are even, inside the program, each id and size once, largest first', () => {
  const side = fc.integer({ min: 8, max: 1920 }).map((half) => half * 2);
  const rung = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    height: fc.integer({ min: 90, max: 2160 }),
    bitrateKbps: fc.constant(500),
    fps: fc.option(fc.integer({ min: 5, max: 60 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      side,
      side,
      fc.integer({ min: 5, max: 60 }),
      fc.array(rung, { minLength: 1, maxLength: 6 }),
      (width, height, fps, ladder) => {
        const rungs = rungsOf({ width, height, fps, ladder });
        expect(rungs.length).toBeGreaterThan(0);
        expect(new Set(rungs.map(({ id }) => id)).size).toBe(rungs.length);
        for (const [index, one] of rungs.entries()) {
          expect(one.width % 2 || one.height % 2).toBe(0);
          expect(one.width <= width && one.height <= height).toBe(true);
          expect(one.fps * one.step).toBeCloseTo(fps);
          const above = rungs[index - 1];
          if (above) expect(Math.min(one.width, one.height)).toBeLessThan(Math.min(above.width, above.height));
        }
        expect(pixelRateOf({ width, height, fps, ladder })).toBeGreaterThan(0);
      },
    ),
  );
});
