/**
 * What the network does to a live show, measured from the moments at which the buffer grew. Media that begins where the buffer ended can be
 * played on time only by a viewer who is at least `arrival time - end of the buffer before it` behind: the delay that piece needed. On a calm
 * network every piece needs about the same (its own length and the way here); what a piece needs beyond that is jitter.
 */

/** How long a late piece is remembered, seconds. */
export const MEMORY_S = 60;
/** Pieces that come this soon after each other are one arrival: sound and picture, or a backlog that clears. */
const TOGETHER_S = 0.06;
/** Late pieces with less than this between them are one event. */
const EVENT_GAP_S = 1.5;
const GROWTHS_KEPT = 15;

/** The greatest delay that a piece needed in one second of the viewer's clock. */
type Second = { atS: number; needS: number };

export type Arrivals = {
  /** Media time up to which the buffer reached, null before the first piece. */
  endS: number | null;
  lastAtS: number;
  /** Nothing before this counts: after a start or a seek a backlog comes in that says nothing about the network. */
  countsFromS: number;
  seconds: Second[];
  /** Media lengths of the last arrivals, seconds. */
  growthsS: number[];
};

export function createArrivals(countsFromS: number): Arrivals {
  return { endS: null, lastAtS: Number.NEGATIVE_INFINITY, countsFromS, seconds: [], growthsS: [] };
}

/** After a seek: what is known of the network stays, the backlog that comes now does not count. */
export function settleAgain(arrivals: Arrivals, countsFromS: number): Arrivals {
  return { ...arrivals, endS: null, countsFromS };
}

/** @param atS the viewer's monotonic clock · endS media time up to which the buffer now reaches; both in seconds */
export function noteArrival(arrivals: Arrivals, { atS, endS }: { atS: number; endS: number }): Arrivals {
  const before = arrivals.endS;
  if (before !== null && endS <= before + 0.001 && endS > before - 0.5) return arrivals;
  const next: Arrivals = { ...arrivals, endS, lastAtS: atS };
  // The buffer was emptied, or has jumped: another place, nothing to compare.
  if (before === null || endS <= before || atS < arrivals.countsFromS) return next;
  const grownS = endS - before;
  if (atS - arrivals.lastAtS > TOGETHER_S) next.growthsS = [...arrivals.growthsS.slice(1 - GROWTHS_KEPT), grownS];
  else if (arrivals.growthsS.length > 0) {
    const last = arrivals.growthsS.at(-1) ?? 0;
    next.growthsS = [...arrivals.growthsS.slice(0, -1), last + grownS];
  }
  next.seconds = withNeed(arrivals.seconds, atS, atS - before);
  return next;
}

function withNeed(seconds: Second[], atS: number, needS: number): Second[] {
  const kept = seconds.filter((each) => atS - each.atS <= MEMORY_S);
  const last = kept.at(-1);
  if (last && atS - last.atS < 1) return [...kept.slice(0, -1), { ...last, needS: Math.max(last.needS, needS) }];
  return [...kept, { atS, needS }];
}

/** Length of what comes at once, seconds: parts, or whole segments; null before three arrivals. */
export function cadenceS({ growthsS }: Arrivals): number | null {
  if (growthsS.length < 3) return null;
  return [...growthsS].sort((a, b) => a - b)[growthsS.length >> 1] ?? null;
}

/** Delay that every piece needs on this way, even on time; null before a whole second was seen. */
export function calmNeedS({ seconds }: Arrivals): number | null {
  if (seconds.length < 2) return null;
  return Math.min(...seconds.map(({ needS }) => needS));
}

/**
 * How much later than on time pieces come again and again: the second worst event of the last minute. A single one is no habit; the stall
 * it may have caused has a consequence of its own (latency.ts).
 */
export function jitterS(arrivals: Arrivals): number {
  const calm = calmNeedS(arrivals);
  if (calm === null) return 0;
  const events: number[] = [];
  let lastAtS = Number.NEGATIVE_INFINITY;
  for (const { atS, needS } of arrivals.seconds) {
    const lateS = needS - calm;
    const isSame = atS - lastAtS < EVENT_GAP_S && events.length > 0;
    // Neighbouring seconds are one event only while they are worse than its half: a calm one between two events parts them.
    if (isSame && lateS > (events.at(-1) ?? 0) / 2) events[events.length - 1] = Math.max(events.at(-1) ?? 0, lateS);
    else events.push(lateS);
    lastAtS = atS;
  }
  return events.sort((a, b) => b - a)[1] ?? 0;
}
