const FIRST_MS = 1000;
const MOST_MS = 10_000;

/** Milliseconds before the nth try: 1, 2, 4, 8, 10 … s, each spread by half, so that many pages do not come back in one moment. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(FIRST_MS * 2 ** Math.max(0, attempt - 1), MOST_MS) * (0.5 + random()));
}
