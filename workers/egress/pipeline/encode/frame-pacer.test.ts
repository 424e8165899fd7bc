import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FramePacer } from './frame-pacer.ts';

test('ticks without gaps give frames of one, key frames exactly at segment borders', () => {
  const pacer = new FramePacer(30, 1, 0.2);
  const places = Array.from({ length: 90 }, (_, tick) => pacer.place(tick)).flat();
  expect(places.every(({ duration }, index) => duration === 1 && places[index]?.pts === index)).toBe(true);
  expect(places.filter(({ key }) => key).map(({ pts }) => pts)).toEqual([0, 30, 60]);
});

test('a picture after skipped ticks begins where the last one ended', () => {
  const pacer = new FramePacer(30, 1, 0.2);
  pacer.place(0);
  expect(pacer.place(4)).toEqual([{ pts: 1, duration: 4, key: false }]);
});

test('a picture that covers a border is encoded on both sides of it', () => {
  const pacer = new FramePacer(30, 1, 0.2);
  pacer.place(3);
  expect(pacer.place(32)).toEqual([
    { pts: 4, duration: 2, key: false },
    { pts: 6, duration: 6, key: false },
    { pts: 12, duration: 6, key: false },
    { pts: 18, duration: 6, key: false },
    { pts: 24, duration: 6, key: false },
    { pts: 30, duration: 3, key: true },
  ]);
});

test('whatever ticks are skipped, the timeline has no gap, meets the clock, and every part and segment keeps its borders', () => {
  const skips = fc.array(fc.oneof({ arbitrary: fc.constant(1), weight: 20 }, fc.integer({ min: 1, max: 200 })), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(
    fc.property(skips, fc.constantFrom(5, 24, 25, 30, 60), (steps, fps) => {
      const pacer = new FramePacer(fps, 1, 0.2);
      const partFrames = Math.round(fps * 0.2);
      let tick = -1;
      let end = 0;
      for (const step of steps) {
        tick += step;
        for (const place of pacer.place(tick)) {
          expect(place.pts).toBe(end);
          end = place.pts + place.duration;
          const partOf = (frame: number) => Math.floor((frame % fps) / partFrames) + Math.floor(frame / fps) * 1000;
          expect(partOf(end - 1)).toBe(partOf(place.pts));
          expect(place.key).toBe(place.pts % fps === 0);
        }
        expect(end).toBe(tick + 1);
      }
    }),
  );
});

test('a rung of half the rate takes every second tick and keeps the same borders', () => {
  const pacer = new FramePacer(30, 1, 0.2, 2);
  const places = Array.from({ length: 60 }, (_, tick) => pacer.place(tick)).flat();
  expect(places.every(({ duration }, index) => duration === 2 && places[index]?.pts === index * 2)).toBe(true);
  expect(places.filter(({ key }) => key).map(({ pts }) => pts)).toEqual([0, 30]);
});

test('where half the rate does not divide a part, its last picture is shorter', () => {
  const pacer = new FramePacer(25, 1, 0.2, 2);
  const places = Array.from({ length: 10 }, (_, tick) => pacer.place(tick)).flat();
  expect(places.map(({ pts, duration }) => [pts, duration])).toEqual([
    [0, 2],
    [2, 2],
    [4, 1],
    [5, 2],
    [7, 2],
    [9, 1],
  ]);
});

test('a new step begins with a segment', () => {
  const pacer = new FramePacer(10, 1, 0.5);
  pacer.place(0);
  pacer.setStep(2);
  expect(pacer.place(9).map(({ duration }) => duration)).toEqual([4, 5]);
  expect(pacer.place(10)).toEqual([{ pts: 10, duration: 2, key: true }]);
  expect(pacer.isDue(11)).toBe(false);
});

test('a rung that is to stop goes to the end of its segment, and comes back at the border it is told', () => {
  const pacer = new FramePacer(10, 1, 0.5);
  pacer.place(7);
  expect(pacer.place(12, true)).toEqual([{ pts: 8, duration: 2, key: false }]);
  expect(pacer.atBorder).toBe(true);
  pacer.skipTo(pacer.segmentOf(34));
  expect(pacer.place(31)).toEqual([{ pts: 30, duration: 2, key: true }]);
});

test('whatever is late, a slower rung leaves no gap and crosses no border', () => {
  const skips = fc.array(fc.oneof({ arbitrary: fc.constant(1), weight: 20 }, fc.integer({ min: 1, max: 90 })), {
    minLength: 1,
    maxLength: 150,
  });
  fc.assert(
    fc.property(skips, fc.constantFrom(24, 25, 30, 60), fc.integer({ min: 2, max: 5 }), (steps, fps, step) => {
      const pacer = new FramePacer(fps, 1, 0.2, step);
      const partFrames = Math.round(fps * 0.2);
      const partOf = (tick: number) => Math.floor((tick % fps) / partFrames) + Math.floor(tick / fps) * 1000;
      let tick = -1;
      let end = 0;
      for (const late of steps) {
        tick += late;
        for (const place of pacer.place(tick)) {
          expect(place.pts).toBe(end);
          end = place.pts + place.duration;
          expect(partOf(end - 1)).toBe(partOf(place.pts));
          expect(place.key).toBe(place.pts % fps === 0);
        }
        expect(end).toBeGreaterThan(tick);
        expect(end).toBeLessThanOrEqual(tick + step);
      }
    }),
  );
});
