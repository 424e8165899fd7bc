/** Tries before the page was ever shown: as often as LiveKit's egress loads it. */
export const FIRST_TRIES = 3;
/** A page that takes Chromium down this often within a minute will do it again. */
export const CRASH_LIMIT = 5;
export const CRASH_WINDOW_MS = 60_000;
const BACK_OFF_MS = [250, 1000, 2000, 5000, 10_000, 20_000, 30_000];

export type Verdict = { again: true; afterMs: number } | { again: false };

/**
 * Whether a page is opened again. One that was never shown gets a few tries; one that was is opened again as long as it takes (the site
 * may be away for minutes, the slate is on air meanwhile), unless it keeps crashing.
 */
export class RestartRule {
  #shown = false;
  #failures = 0;
  #crashes: number[] = [];

  /** The page was loaded. */
  shown(): void {
    this.#shown = true;
    this.#failures = 0;
  }

  /** It could not be opened. */
  failed(): Verdict {
    this.#failures++;
    if (!this.#shown && this.#failures >= FIRST_TRIES) return { again: false };
    return this.#after(this.#failures);
  }

  /** It was shown, and is gone. */
  crashed(nowMs: number): Verdict {
    this.#crashes = [...this.#crashes.filter((at) => nowMs - at < CRASH_WINDOW_MS), nowMs];
    if (this.#crashes.length >= CRASH_LIMIT) return { again: false };
    return this.#after(this.#crashes.length);
  }

  #after(times: number): Verdict {
    return { again: true, afterMs: BACK_OFF_MS[Math.min(times, BACK_OFF_MS.length) - 1] ?? 0 };
  }
}
