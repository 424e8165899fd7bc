import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box } from '#core/scene/boxes-of';
import { isBypass, placePicture } from './graph-plan.ts';

const FRAME = { width: 1280, height: 720 };
const box = (facts: Partial<Box>): Box => ({
  identity: 'host_a',
  source: 'camera',
  role: 'main',
  muted: false,
  x: 0,
  y: 0,
  ...FRAME,
  fit: 'contain',
  card: false,
  label: null,
  ...facts,
});

describe('placePicture', () => {
  test('an upright phone picture is boxed, or cut when it shall cover', () => {
    const shape = { width: 720, height: 1280, rotation: 0 as const };
    const boxed = placePicture(box({}), shape);
    expect([boxed.scale.height, boxed.crop, boxed.y]).toEqual([720, null, 0]);
    expect(boxed.scale.width).toBeLessThan(410);
    expect(placePicture(box({ fit: 'cover' }), shape).crop).toMatchObject({ width: 1280, height: 720, x: 0 });
  });

  test('a placement holds the shape and nothing else of the picture', () => {
    const picture = { width: 640, height: 360, rotation: 0 as const, data: new Uint8Array(4), atMs: 7 };
    expect(JSON.stringify(placePicture(box({}), picture))).not.toContain('atMs');
  });

  test('any shape stays inside its box, in even pixels', () => {
    const side = fc.integer({ min: 2, max: 4000 });
    const even = fc.integer({ min: 4, max: 900 }).map((half) => half * 2);
    const rotation = fc.constantFrom(0 as const, 90 as const, 180 as const, 270 as const);
    const fit = fc.constantFrom('contain' as const, 'cover' as const);
    fc.assert(
      fc.property(side, side, rotation, even, even, fit, (width, height, turn, boxWidth, boxHeight, how) => {
        const at = box({ x: 16, y: 8, width: boxWidth, height: boxHeight, fit: how });
        const { scale, crop, x, y } = placePicture(at, { width, height, rotation: turn });
        const shown = crop ?? scale;
        for (const value of [x, y, scale.width, scale.height, shown.width, shown.height]) expect(value % 2).toBe(0);
        expect(x).toBeGreaterThanOrEqual(at.x);
        expect(y).toBeGreaterThanOrEqual(at.y);
        expect(x + shown.width).toBeLessThanOrEqual(at.x + at.width);
        expect(y + shown.height).toBeLessThanOrEqual(at.y + at.height);
        if (crop) expect(crop.x + crop.width <= scale.width && crop.y + crop.height <= scale.height).toBe(true);
        if (how === 'cover') expect([shown.width, shown.height]).toEqual([at.width, at.height]);
      }),
    );
  });

  test('only one unturned source of the program size bypasses the graph', () => {
    const same = { ...FRAME, rotation: 0 as const };
    expect(isBypass([placePicture(box({}), same)], FRAME)).toBe(true);
    expect(isBypass([placePicture(box({}), { ...same, rotation: 180 })], FRAME)).toBe(false);
    expect(isBypass([placePicture(box({}), { ...same, width: 640 })], FRAME)).toBe(false);
  });
});
