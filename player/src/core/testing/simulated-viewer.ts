import { afterArrival, afterStall, createLatency, type Latency, stepLatency } from '../latency.ts';

export type Trace = {
  seconds: number;
  /** Seconds that part `i` comes later than on time; parts never overtake each other. */
  late(index: number): number;
  partS?: number;
  /** Seconds behind the edge at which playback begins. */
  startBehindS?: number;
  floorS?: number;
  /** Replaces the controller: stays wherever it is. */
  fixed?: boolean;
};

export type Run = {
  stalls: number;
  /** Share of the time without a picture. */
  stalledShare: number;
  seeks: number;
  rates: number[];
  /** Mean seconds behind the edge of the live show over the last quarter. */
  behindS: number;
  /** The same at each second. */
  course: number[];
  latency: Latency;
};

const STEP_S = 0.02;
/** On time: a part's own length and the way here. */
const WAY_S = 0.05;

/** Plays a trace of part arrivals as a browser does: out of data it stops, with a frame or two it goes on. */
export function simulate({ seconds, late, partS = 0.2, startBehindS = 1.2, floorS, fixed = false }: Trace): Run {
  let latency = createLatency(0);
  let positionS = -startBehindS;
  let endS = 0;
  let next = 0;
  let nextAtS = partS + WAY_S + late(0);
  let stalled = false;
  const run: Run = { stalls: 0, stalledShare: 0, seeks: 0, rates: [], behindS: 0, course: [], latency };
  let stalledS = 0;
  let rate = 1;
  for (let tick = 1; tick * STEP_S < seconds; tick++) {
    const nowS = tick * STEP_S;
    while (nextAtS <= nowS) {
      next += 1;
      endS = next * partS;
      latency = afterArrival(latency, { atS: nowS, endS });
      nextAtS = Math.max(nextAtS, (next + 1) * partS + WAY_S + late(next));
    }
    if (!stalled) positionS = Math.min(endS, positionS + STEP_S * rate);
    if (!stalled && positionS >= endS) {
      stalled = true;
      run.stalls += 1;
      latency = afterStall(latency, nowS, floorS);
    }
    if (stalled) stalledS += STEP_S;
    if (stalled && endS - positionS > 0.1) stalled = false;
    if (tick % 5 === 0 && !stalled && !fixed) {
      const step = stepLatency(latency, { nowS, positionS, behindS: nowS - positionS, floorS });
      latency = step.state;
      rate = step.rate;
      run.rates.push(rate);
      if (step.seekToLive) {
        run.seeks += 1;
        positionS = endS - step.targetS - partS;
      }
    }
    if (tick % 50 === 0) run.course.push(nowS - positionS);
  }
  const last = run.course.slice(-Math.ceil(run.course.length / 4));
  const behindS = last.reduce((sum, each) => sum + each, 0) / last.length;
  return { ...run, stalledShare: stalledS / seconds, behindS, latency };
}

/** The same numbers on every machine. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 4294967296;
  };
}
