import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInside } from '#core/scene/pixels';
import { placePicture } from './picture-place.ts';

const WIDE = { x: 0, y: 0, width: 1280, height: 720 };

test('an upright phone picture is boxed, or cut when it shall cover', () => {
  const shape = { width: 720, height: 1280, rotation: 0 as const };
  expect(placePicture({ ...WIDE, fit: 'contain' }, shape).to).toMatchObject({ y: 0, height: 720, width: 406 });
  expect(placePicture({ ...WIDE, fit: 'auto' }, shape).to.width).toBe(406);
  const covered = placePicture({ ...WIDE, fit: 'cover' }, shape);
  expect(covered.to).toEqual(WIDE);
  expect(covered.from).toMatchObject({ x: 0, width: 720, height: 404 });
});

test('a picture a little larger than its box is cut and not scaled', () => {
  const box = { x: 4, y: 0, width: 632, height: 356, fit: 'auto' as const };
  const { from, to } = placePicture(box, { width: 640, height: 360, rotation: 0 });
  expect([from.width, from.height, from.x, from.y]).toEqual([632, 356, 4, 2]);
  expect([to.width, to.height]).toEqual([632, 356]);
});

test('any shape stays inside its box and its own pixels, in even numbers, at its own proportions', () => {
  const side = fc.integer({ min: 2, max: 4000 });
  const even = fc.integer({ min: 4, max: 900 }).map((half) => half * 2);
  const rotation = fc.constantFrom(0 as const, 90 as const, 180 as const, 270 as const);
  const fit = fc.constantFrom('auto' as const, 'contain' as const, 'cover' as const);
  fc.assert(
    fc.property(side, side, rotation, even, even, fit, (width, height, turn, boxWidth, boxHeight, how) => {
      const box = { x: 16, y: 8, width: boxWidth, height: boxHeight };
      const { from, to } = placePicture({ ...box, fit: how }, { width, height, rotation: turn });
      for (const rect of [from, to])
        for (const value of [rect.x, rect.y, rect.width, rect.height]) expect(value % 2).toBe(0);
      expect(Math.min(from.width, from.height, to.width, to.height)).toBeGreaterThanOrEqual(2);
      expect(isInside(to, box)).toBe(true);
      expect(isInside(from, { x: 0, y: 0, width, height })).toBe(true);
      if (how === 'cover') expect(to).toEqual(box);
      const sideways = turn % 180 === 90;
      const [wide, tall] = sideways ? [from.height, from.width] : [from.width, from.height];
      if (Math.min(wide, tall, to.width, to.height) > 100) {
        expect(Math.abs(wide / tall / (to.width / to.height) - 1)).toBeLessThan(0.05);
      }
    }),
    { numRuns: 500 },
  );
});
