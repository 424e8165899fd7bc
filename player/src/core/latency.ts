import { type Arrivals, cadenceS, calmNeedS, createArrivals, jitterS, noteArrival, settleAgain } from './arrivals.ts';

/**
 * How close to the live edge to sit, decided from numbers alone; hls.js decides only what to load. A viewer's margin is how late a piece may
 * come before the picture stops: the delay that is kept, less the delay that every piece needs. The margin is steered to a target by small
 * changes of the playback rate; the target follows the jitter that was measured, grows with each stall and creeps back.
 */

/** Rates that a voice bears without an audible change of pitch. */
export const MIN_RATE = 0.95;
export const MAX_RATE = 1.08;
/** The smallest margin, seconds: a part of 0.2 s that is lost once and asked for again. */
export const FLOOR_S = 0.2;
export const CEILING_S = 2;
/** Margin to begin with: start-up is when a machine is busiest. */
export const FIRST_S = 0.3;
/** Kept above the measured jitter, seconds. */
const SAFETY_S = 0.06;
/** Added after a stall. */
export const STALL_STEP_S = 0.25;
/** The margin creeps back by this much a second of quiet. */
const CREEP_S_A_S = 0.01;
/** Quiet time before it creeps; doubles when a stall shows that it crept too far. */
export const QUIET_S = 10;
export const LONGEST_QUIET_S = 160;
/** Further behind the target than this, catching up by rate would take a minute: seek. */
export const SEEK_BEHIND_S = 4;
/** A backlog after a start or a seek is not the network's jitter. */
export const SETTLE_S = 1.5;

export type Latency = {
  arrivals: Arrivals;
  /** Margin that stalls have taught, seconds. */
  heldS: number;
  quietS: number;
  stalledAtS: number;
  steppedAtS: number;
  rate: number;
};

export function createLatency(nowS: number): Latency {
  return {
    arrivals: createArrivals(nowS + SETTLE_S),
    heldS: FIRST_S,
    quietS: QUIET_S,
    stalledAtS: nowS,
    steppedAtS: nowS,
    rate: 1,
  };
}

/** The buffer has grown up to media time `endS`. */
export function afterArrival(state: Latency, arrival: { atS: number; endS: number }): Latency {
  return { ...state, arrivals: noteArrival(state.arrivals, arrival) };
}

/** After a seek, or after the tab slept. */
export function afterJump(state: Latency, nowS: number): Latency {
  return { ...state, arrivals: settleAgain(state.arrivals, nowS + SETTLE_S), rate: 1 };
}

/** The picture stopped for want of data: sit further back, and creep back more slowly if it happened soon after creeping. */
export function afterStall(state: Latency, nowS: number, floorS = FLOOR_S): Latency {
  const crept = nowS - state.stalledAtS > state.quietS;
  return {
    ...state,
    heldS: Math.min(CEILING_S, targetS(state, floorS) + STALL_STEP_S),
    quietS: crept ? Math.min(LONGEST_QUIET_S, state.quietS * 2) : state.quietS,
    stalledAtS: nowS,
    steppedAtS: nowS,
  };
}

/** The margin that is meant, seconds. */
export function targetS({ arrivals, heldS }: Latency, floorS = FLOOR_S): number {
  const jitter = jitterS(arrivals);
  const wanted = Math.max(floorS, heldS, jitter > 0 ? jitter + SAFETY_S : 0);
  return Math.min(wanted, Math.max(CEILING_S, floorS));
}

export type LatencyInput = {
  nowS: number;
  /** The playhead, media seconds. */
  positionS: number;
  /** Seconds behind the newest known picture; null when unknown. */
  behindS: number | null;
  /** The host's chosen latency as a margin, seconds: never nearer. */
  floorS?: number;
  /** Shows without parts: seconds behind the edge that the list itself asks for; nearer there is nothing to load. */
  holdBackS?: number;
};

export type LatencyStep = {
  state: Latency;
  rate: number;
  seekToLive: boolean;
  targetS: number;
  marginS: number | null;
};

/** One step, to be taken every 100 ms while playing at the live edge. */
export function stepLatency(before: Latency, input: LatencyInput): LatencyStep {
  const floorS = Math.max(FLOOR_S, input.floorS ?? 0);
  const state = creep(before, input.nowS, floorS);
  const target = targetS(state, floorS);
  const calm = calmNeedS(state.arrivals);
  const marginS = calm === null ? null : input.nowS - input.positionS - calm;
  const holdBackS = input.holdBackS ?? 0;
  if (input.behindS !== null && input.behindS > SEEK_BEHIND_S + Math.max(target, 2 * holdBackS)) {
    return { state: { ...afterJump(state, input.nowS) }, rate: 1, seekToLive: true, targetS: target, marginS };
  }
  const rate = holdBackS > 0 ? segmentRate(state, input, holdBackS) : partRate(state, marginS, target);
  return { state: { ...state, rate }, rate, seekToLive: false, targetS: target, marginS };
}

function creep(state: Latency, nowS: number, floorS: number): Latency {
  const passedS = nowS - state.steppedAtS;
  if (nowS - state.stalledAtS < state.quietS) return { ...state, steppedAtS: nowS };
  return { ...state, steppedAtS: nowS, heldS: Math.max(floorS, state.heldS - Math.max(0, passedS) * CREEP_S_A_S) };
}

/**
 * Few steps, so that the sound is not retuned ten times a second; a change once begun goes on until the target is met.
 */
function partRate({ rate }: Latency, marginS: number | null, target: number): number {
  if (marginS === null) return 1;
  const excessS = marginS - target;
  if (excessS > 0.15) return MAX_RATE;
  if (excessS < -0.15) return MIN_RATE;
  if (excessS > 0.05 || (rate > 1 && excessS > 0)) return rate > 1.03 && excessS > 0.08 ? rate : 1.03;
  if (excessS < -0.05 || (rate < 1 && excessS < 0)) return rate < 0.98 && excessS < -0.08 ? rate : 0.98;
  return 1;
}

/** Whole segments come in steps of seconds: only what a stall has added is made up for, and never beyond the hold-back. */
function segmentRate({ arrivals, rate }: Latency, { behindS }: LatencyInput, holdBackS: number): number {
  const lengthS = cadenceS(arrivals);
  if (behindS === null || lengthS === null) return 1;
  const excessS = behindS - holdBackS;
  return excessS > 1.5 * lengthS || (rate > 1 && excessS > lengthS / 2) ? 1.05 : 1;
}
