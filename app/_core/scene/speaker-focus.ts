/** Who is large in layouts that follow the speaker, and who might become it. Times are monotonic milliseconds. */
export type SpeakerFocus = {
  identity: string | null;
  sinceMs: number;
  /** The loudest just now, if another, and since when without a break. */
  rival: { identity: string; sinceMs: number } | null;
};

export const NO_FOCUS: SpeakerFocus = { identity: null, sinceMs: 0, rival: null };

/** Loudest for so long without a break before the picture follows: a cough or an "mhm" does not. */
export const TAKES_OVER_MS = 1200;
/** So long a face stays large at least. */
export const STAYS_MS = 3000;

export type FocusInput = {
  /** Identity of the loudest; null when nobody speaks. */
  loudest: string | null;
  /** Identities that can be shown. */
  present: readonly string[];
  nowMs: number;
};

/**
 * Hysteresis of the active speaker, one step: called at every tick with what is heard then. Silence keeps who spoke last; who has left
 * gives way at once.
 */
export function followSpeaker(focus: SpeakerFocus, { loudest, present, nowMs }: FocusInput): SpeakerFocus {
  const speaker = loudest !== null && present.includes(loudest) ? loudest : null;
  const here = focus.identity !== null && present.includes(focus.identity);
  if (!here) {
    if (speaker === null && focus.identity === null) return focus;
    return { identity: speaker, sinceMs: nowMs, rival: null };
  }
  if (speaker === null || speaker === focus.identity) return focus.rival ? { ...focus, rival: null } : focus;
  const rival = focus.rival?.identity === speaker ? focus.rival : { identity: speaker, sinceMs: nowMs };
  const ripe = nowMs - rival.sinceMs >= TAKES_OVER_MS && nowMs - focus.sinceMs >= STAYS_MS;
  if (ripe) return { identity: speaker, sinceMs: nowMs, rival: null };
  return rival === focus.rival ? focus : { ...focus, rival };
}
