import type { Pace } from './part.ts';

/**
 * When to start a crashed process again: 1, 2, 4, 8 … s, and a crash loop every 30 s.
 * @param wasLooping it has not been well since it was found to crash-loop
 * @param crashes times of earlier crashes, ms, the newest last
 */
export function judgeCrash(crashes: number[], nowMs: number, pace: Pace, wasLooping = false): Verdict {
  const recent = crashes.filter((at) => nowMs - at <= pace.loopWindowMs).length;
  if (wasLooping || recent > pace.loopCrashes) return { looping: true, waitMs: pace.loopRetryMs };
  const waitMs = Math.min(pace.firstBackOffMs * 2 ** Math.max(0, recent - 1), pace.longestBackOffMs);
  return { looping: false, waitMs };
}

export type Verdict = { looping: boolean; waitMs: number };
