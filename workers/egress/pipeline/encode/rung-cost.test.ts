import { expect, test } from 'vitest';
import { Governor } from './governor.ts';
import { rungCosts } from './rung-cost.ts';

const rung = (height: number, encodeMs: number, on = true) => ({
  ...{ width: (height * 16) / 9, height, fps: 30, encodeMs, on },
});

test('a rung that works costs what it was measured to take', () => {
  expect(rungCosts([rung(720, 6), rung(360, 2)])).toEqual([180, 60]);
});

test('one that is off is reckoned from those that work now, not from what it took while the machine was starved', () => {
  const [top, off] = rungCosts([rung(720, 6), rung(480, 70, false)]);
  expect(top).toBe(180);
  expect(off).toBeCloseTo(180 * (480 / 720) ** 2 * 1.25, 5);
  // Where it was cheap, it is believed.
  expect(rungCosts([rung(720, 60), rung(480, 3, false)])[1]).toBe(90);
});

test('a rung that was dropped in a famine comes back when it is over', () => {
  const governor = new Governor();
  const at = (encodeMs: number, lateShare: number, on: boolean) => {
    const sizes = [rung(720, encodeMs), rung(480, on ? encodeMs : 70, on)];
    const costs = rungCosts(sizes);
    const rungs = sizes.map(({ height, on }, index) => ({
      ...{ id: `${height}p`, height, on, failed: false, costMs: costs[index] ?? 0 },
    }));
    const busyShare = Math.min(1, (encodeMs * 30) / 1000);
    return governor.decide({ lateShare, busyShare, idleCores: lateShare > 0 ? 0 : 1, rungs, halfRate: false });
  };
  const seen = Array.from({ length: 60 }, (_, second) => (second < 14 ? at(70, 0.5, true) : at(6, 0, false)));
  expect(seen.filter(Boolean)).toEqual([
    { what: 'rung', id: '480p', on: false },
    { what: 'rung', id: '480p', on: true },
  ]);
});
