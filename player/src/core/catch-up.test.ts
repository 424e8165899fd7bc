import { describe, expect, test } from 'vitest';
import { afterStall, CEILING_S, createCatchUp, FLOOR_S, MAX_RATE, QUIET_S, stepCatchUp } from './catch-up.ts';

/** Plays a trace of part arrivals: parts of 0.2 s that reach the buffer `jitter(i)` seconds late. */
function simulate(seconds: number, startAheadS: number, jitter: (index: number) => number) {
  const stepS = 0.02;
  let state = createCatchUp(0);
  let rate = 1;
  let position = 0;
  let buffered = startAheadS;
  let stalls = 0;
  let stalled = false;
  let next = 0;
  let stepAt = 0;
  const edgeAtStart = startAheadS;
  const behind: number[] = [];
  for (let now = 0; now < seconds; now += stepS) {
    while (0.2 * (next + 1) + jitter(next) <= now) {
      buffered = edgeAtStart + 0.2 * (next + 1);
      next += 1;
    }
    const ahead = buffered - position;
    if (ahead <= 0 && !stalled) {
      stalled = true;
      stalls += 1;
      state = afterStall(state, now);
    }
    if (stalled && ahead > state.cushionS) stalled = false;
    if (!stalled) position += rate * stepS;
    if (now >= stepAt && !stalled) {
      stepAt = now + 0.1;
      const step = stepCatchUp(state, {
        nowS: now,
        aheadS: buffered - position,
        behindS: edgeAtStart + now - position,
      });
      state = step.state;
      rate = step.rate;
      if (step.seekToLive) position = buffered - state.cushionS;
    }
    behind.push(edgeAtStart + now - position);
  }
  return { stalls, cushionS: state.cushionS, behindAtEndS: behind.slice(-100).reduce((a, b) => a + b, 0) / 100 };
}

describe('catch-up', () => {
  test('on a calm network it settles within half a second of the edge without a stall', () => {
    const run = simulate(60, 1.2, () => 0.03);
    expect(run.stalls).toBe(0);
    expect(run.behindAtEndS).toBeLessThan(0.6);
  });

  test('on a jittery network it sits further back until stalls are rare', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    const run = simulate(120, 1.2, (index) => (index % 40 === 0 ? 0.7 * random() + 0.3 : 0.1 * random()));
    expect(run.stalls).toBeLessThan(6);
    expect(run.behindAtEndS).toBeLessThan(2);
  });

  test('far behind it seeks instead of racing', () => {
    const step = stepCatchUp(createCatchUp(0), { nowS: 1, aheadS: 9, behindS: 10 });
    expect(step.seekToLive).toBe(true);
  });

  test('the cushion never leaves its bounds', () => {
    let state = createCatchUp(0);
    for (let i = 0; i < 20; i++) state = afterStall(state, i);
    expect(state.cushionS).toBe(CEILING_S);
    for (let i = 1; i < 40; i++) state = stepCatchUp(state, { nowS: 20 + i * QUIET_S, aheadS: 1, behindS: 1 }).state;
    expect(state.cushionS).toBe(FLOOR_S);
  });

  test('with plenty buffered it plays at the highest rate', () => {
    expect(stepCatchUp(createCatchUp(0), { nowS: 0.1, aheadS: 1, behindS: 1.2 }).rate).toBe(MAX_RATE);
  });
});
