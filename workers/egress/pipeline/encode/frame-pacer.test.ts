import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FramePacer } from './frame-pacer.ts';

test('ticks without gaps give frames of one, key frames exactly at segment borders', () => {
  const pacer = new FramePacer(30, 1);
  const places = Array.from({ length: 90 }, (_, tick) => pacer.place(tick)).flat();
  expect(places.every(({ duration }, index) => duration === 1 && places[index]?.pts === index)).toBe(true);
  expect(places.filter(({ key }) => key).map(({ pts }) => pts)).toEqual([0, 30, 60]);
});

test('a picture after skipped ticks begins where the last one ended', () => {
  const pacer = new FramePacer(30, 1);
  pacer.place(0);
  expect(pacer.place(4)).toEqual([{ pts: 1, duration: 4, key: false }]);
});

test('whatever ticks are skipped, the timeline has no gap, meets the clock and has a key frame in each segment it begins', () => {
  const skips = fc.array(fc.oneof({ arbitrary: fc.constant(1), weight: 20 }, fc.integer({ min: 1, max: 200 })), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(
    fc.property(skips, fc.constantFrom(5, 24, 25, 30, 60), (steps, fps) => {
      const pacer = new FramePacer(fps, 1);
      let tick = -1;
      let end = 0;
      let segment = -1;
      for (const step of steps) {
        tick += step;
        for (const place of pacer.place(tick)) {
          expect(place.pts).toBe(end);
          end = place.pts + place.duration;
          const own = Math.floor(place.pts / fps);
          expect(place.key).toBe(own !== segment);
          segment = own;
        }
        expect(end).toBe(tick + 1);
      }
    }),
  );
});
