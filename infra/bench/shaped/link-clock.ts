/** A line between a viewer and the world, as numbers: when does what leaves its far end. */
export type LinkPlan = {
  kbps: number;
  /** One way, ms. */
  delayMs: number;
  /** Somebody else in the house takes the whole line for a moment, again and again. */
  burst: { everyMs: number; forMs: number } | null;
};

/** Moment at which the line is free for the next byte; ms since the line was opened. */
export type LinkState = { freeAtMs: number };

/**
 * Sends bytes into the line.
 * @param nowMs since the line was opened
 * @returns arriveAtMs: when the last of them has come out at the far end
 */
export function sendInto(
  plan: LinkPlan,
  { freeAtMs }: LinkState,
  bytes: number,
  nowMs: number,
): { state: LinkState; arriveAtMs: number } {
  const begin = afterBurst(plan, Math.max(freeAtMs, nowMs));
  const end = begin + (bytes * 8) / plan.kbps;
  return { state: { freeAtMs: end }, arriveAtMs: end + plan.delayMs };
}

/** The first moment from `atMs` on at which the line is ours; bursts come at the end of each period. */
function afterBurst({ burst }: LinkPlan, atMs: number): number {
  if (!burst) return atMs;
  const into = atMs % burst.everyMs;
  return into >= burst.everyMs - burst.forMs ? atMs - into + burst.everyMs : atMs;
}
