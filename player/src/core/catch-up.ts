/**
 * How close to the live edge to sit, decided from numbers alone. hls.js speeds up only with more than 1 s buffered, so it settles a second behind
 * the edge; this rule steers on the smallest buffered-ahead of the last 0.8 s instead: the cushion that playback really had.
 */

/** Rates that a voice bears without an audible change of pitch. */
export const MIN_RATE = 0.95;
export const MAX_RATE = 1.08;
/** Window over which the smallest buffered-ahead is taken: four parts of 0.2 s. */
export const WINDOW_S = 0.8;
/** Cushion never to go below, seconds. */
export const FLOOR_S = 0.2;
/** Cushion to begin with: start-up is when a machine is busiest. */
export const FIRST_S = 0.3;
export const CEILING_S = 1.6;
/** Added after each stall. */
export const STALL_STEP_S = 0.2;
/** Without a stall for this long the cushion shrinks by a step. */
export const QUIET_S = 60;
/** Further behind than this, catching up by rate would take too long: seek. */
export const SEEK_BEHIND_S = 4;

export type CatchUp = {
  cushionS: number;
  /** Time of the last stall or of the last shrink, seconds on the caller's monotonic clock. */
  changedAtS: number;
  samples: { atS: number; aheadS: number }[];
};

export function createCatchUp(nowS: number, cushionS = FIRST_S): CatchUp {
  return { cushionS, changedAtS: nowS, samples: [] };
}

/** Remembers a stall: sit further back. */
export function afterStall(state: CatchUp, nowS: number): CatchUp {
  return { cushionS: Math.min(CEILING_S, state.cushionS + STALL_STEP_S), changedAtS: nowS, samples: [] };
}

export type CatchUpInput = {
  nowS: number;
  /** Seconds of media buffered ahead of the playhead. */
  aheadS: number;
  /** Seconds behind the newest known part; null when unknown. */
  behindS: number | null;
};

export type CatchUpStep = { state: CatchUp; rate: number; seekToLive: boolean };

/** One step, to be taken every 100 ms while playing at the live edge. */
export function stepCatchUp(state: CatchUp, { nowS, aheadS, behindS }: CatchUpInput): CatchUpStep {
  const samples = [...state.samples.filter((sample) => nowS - sample.atS <= WINDOW_S), { atS: nowS, aheadS }];
  const quiet = nowS - state.changedAtS >= QUIET_S && state.cushionS > FLOOR_S;
  const next: CatchUp = quiet
    ? { cushionS: Math.max(FLOOR_S, state.cushionS - STALL_STEP_S / 2), changedAtS: nowS, samples }
    : { ...state, samples };
  if (behindS !== null && behindS > SEEK_BEHIND_S + next.cushionS) {
    return { state: { ...next, samples: [] }, rate: 1, seekToLive: true };
  }
  const smallest = Math.min(...samples.map((sample) => sample.aheadS));
  return { state: next, rate: rateFor(smallest, next.cushionS), seekToLive: false };
}

/** Few steps, so that the sound is not retuned ten times a second. */
function rateFor(smallestAheadS: number, cushionS: number): number {
  const lateS = smallestAheadS - cushionS;
  if (lateS > 0.1) return MAX_RATE;
  if (lateS > 0.05) return 1.03;
  if (lateS < -0.1) return MIN_RATE;
  if (lateS < -0.05) return 0.98;
  return 1;
}
