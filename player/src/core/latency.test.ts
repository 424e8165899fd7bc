import { describe, expect, test } from 'vitest';
import { cadenceS, calmNeedS, createArrivals, jitterS, noteArrival } from './arrivals.ts';
import { afterStall, CEILING_S, createLatency, FLOOR_S, MAX_RATE, MIN_RATE, stepLatency, targetS } from './latency.ts';
import { seeded, simulate } from './testing/simulated-viewer.ts';

/** Arrivals of parts of `partS` that come `late(i)` seconds late. */
function arrivals(count: number, late: (index: number) => number, partS = 0.2) {
  let seen = createArrivals(0);
  for (let i = 0; i < count; i++)
    seen = noteArrival(seen, { atS: (i + 1) * partS + 0.05 + late(i), endS: (i + 1) * partS });
  return seen;
}

describe('what is measured', () => {
  test('a calm network has a cadence, a need of one part and its way, and no jitter', () => {
    const seen = arrivals(50, () => 0);
    expect(cadenceS(seen)).toBeCloseTo(0.2, 3);
    expect(calmNeedS(seen)).toBeCloseTo(0.25, 3);
    expect(jitterS(seen)).toBeCloseTo(0, 3);
  });

  test('one late piece is no habit, two are', () => {
    expect(jitterS(arrivals(200, (i) => (i === 60 ? 0.15 : 0)))).toBeCloseTo(0, 2);
    expect(jitterS(arrivals(200, (i) => (i === 60 || i === 120 ? 0.15 : 0)))).toBeCloseTo(0.15, 2);
  });

  test('sound and picture of one part are one arrival', () => {
    let seen = createArrivals(0);
    for (let i = 1; i < 30; i++) {
      seen = noteArrival(seen, { atS: i * 0.2 + 0.05, endS: i * 0.2 - 0.04 });
      seen = noteArrival(seen, { atS: i * 0.2 + 0.06, endS: i * 0.2 });
    }
    expect(cadenceS(seen)).toBeCloseTo(0.2, 2);
    expect(jitterS(seen)).toBeLessThan(0.02);
  });

  test('a jump back into older media says nothing about the network', () => {
    const seen = noteArrival(
      arrivals(50, () => 0),
      { atS: 10.2, endS: 3 },
    );
    expect(jitterS(noteArrival(seen, { atS: 10.4, endS: 3.2 }))).toBeCloseTo(0, 2);
  });

  test('what was late is forgotten after a minute', () => {
    expect(jitterS(arrivals(600, (i) => (i === 20 || i === 60 ? 0.15 : 0)))).toBeCloseTo(0, 2);
  });
});

describe('a simulated viewer', () => {
  test('on a calm network settles within half a second of the edge, without a stall', () => {
    const run = simulate({ seconds: 120, late: () => 0 });
    expect(run.stalls).toBe(0);
    expect(run.behindS).toBeLessThan(0.5);
    expect(run.behindS).toBeGreaterThan(FLOOR_S + 0.2);
  });

  test('on a little jitter stays near and does not stall', () => {
    const random = seeded(3);
    const run = simulate({ seconds: 300, late: () => 0.08 * random() });
    expect(run.stalls).toBe(0);
    expect(run.behindS).toBeLessThan(0.6);
  });

  test('on bursts of late parts sits further back, with less than 0.25 % of the time lost after it has learned', () => {
    const random = seeded(11);
    const late = (i: number) => (i % 75 === 0 ? 0.3 + 0.5 * random() : 0.04 * random());
    const run = simulate({ seconds: 900, late });
    expect(run.stalledShare).toBeLessThan(0.0025);
    expect(run.behindS).toBeLessThan(1.4);
  });

  test('creeps back once the bad minute is over', () => {
    const run = simulate({ seconds: 400, late: (i) => (i > 300 && i < 600 && i % 25 === 0 ? 0.9 : 0) });
    expect(Math.max(...run.course.slice(70, 125))).toBeGreaterThan(1);
    expect(run.behindS).toBeLessThan(0.55);
  });

  test('after an outage of ten seconds seeks once instead of racing', () => {
    const outage = (i: number) => (i >= 300 && i < 350 ? (350 - i) * 0.2 : 0);
    const run = simulate({ seconds: 200, late: outage });
    expect(run.seeks).toBe(1);
    expect(run.stalls).toBeLessThan(4);
    expect(run.behindS).toBeLessThan(1.2);
  });

  test('learns the same whatever the length of a part', () => {
    for (const partS of [0.1, 0.2, 0.5, 1]) {
      const run = simulate({ seconds: 200, late: () => 0, partS, startBehindS: partS * 3 + 0.6 });
      expect(run.stalls, `${partS}`).toBe(0);
      expect(run.behindS, `${partS}`).toBeLessThan(partS + 0.35);
    }
  });

  test('never leaves the rates that a voice bears, and rests at 1', () => {
    const random = seeded(9);
    const run = simulate({ seconds: 300, late: (i) => (i % 50 === 0 ? random() : 0.05 * random()) });
    expect(Math.min(...run.rates)).toBeGreaterThanOrEqual(MIN_RATE);
    expect(Math.max(...run.rates)).toBeLessThanOrEqual(MAX_RATE);
    const calm = simulate({ seconds: 300, late: () => 0 }).rates.slice(-1000);
    expect(calm.filter((rate) => rate === 1).length).toBeGreaterThan(900);
  });

  test("does not come nearer than the host's chosen latency", () => {
    const run = simulate({ seconds: 200, late: () => 0, startBehindS: 2, floorS: 1 });
    expect(run.behindS).toBeGreaterThan(1.2);
    expect(run.behindS).toBeLessThan(1.4);
  });
});

describe('the margin', () => {
  test('grows with each stall up to its ceiling, and shrinks to its floor in quiet time', () => {
    let state = createLatency(0);
    for (let i = 0; i < 20; i++) state = afterStall(state, i);
    expect(targetS(state)).toBe(CEILING_S);
    for (let nowS = 20; nowS < 900; nowS += 0.1) {
      state = stepLatency(state, { nowS, positionS: nowS - 1, behindS: 1 }).state;
    }
    expect(targetS(state)).toBe(FLOOR_S);
  });

  test('creeps back more slowly when it had crept too far', () => {
    const first = afterStall(createLatency(0), 5);
    const second = afterStall({ ...first }, 5 + first.quietS + 20);
    expect(second.quietS).toBeGreaterThan(first.quietS);
  });
});

describe('a show of whole segments', () => {
  const seen = (() => {
    let state = createLatency(0);
    for (let i = 1; i < 12; i++)
      state = { ...state, arrivals: noteArrival(state.arrivals, { atS: i * 4 + 2, endS: i * 4 }) };
    return state;
  })();

  test('is left alone near its hold-back and caught up with after a stall, never beyond', () => {
    const rate = (behindS: number, before = 1) =>
      stepLatency({ ...seen, rate: before }, { nowS: 50, positionS: 50 - behindS, behindS, holdBackS: 12 }).rate;
    expect([13, 16, 17].map((behindS) => rate(behindS))).toEqual([1, 1, 1]);
    expect(rate(19)).toBeGreaterThan(1);
    expect(rate(15, 1.05)).toBeGreaterThan(1);
    expect(rate(13.5, 1.05)).toBe(1);
  });

  test('is sought in only when far behind', () => {
    const at = (behindS: number) =>
      stepLatency(seen, { nowS: 80, positionS: 80 - behindS, behindS, holdBackS: 12 }).seekToLive;
    expect([at(20), at(27), at(29)]).toEqual([false, false, true]);
  });
});
