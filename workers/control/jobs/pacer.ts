/** How long an answer to "is somebody on air?" holds, ms. */
const ANSWER_HOLDS_MS = 3000;
/** While somebody is, three quarters of the time are theirs. */
const REST_FOR_WORK = 3;
const LONGEST_REST_MS = 2000;

/**
 * Slows work in the background down while shows are on air: called between pieces of it, it rests in proportion to how long the piece
 * took, so that it takes a quarter of what it could whatever the machine.
 * @param isBusy whether a show is on air; a failure counts as yes
 */
export function makePacer(
  isBusy: () => Promise<boolean>,
  nowMs: () => number = () => performance.now(),
  rest: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): () => Promise<void> {
  let busy = true;
  let askedMs = Number.NEGATIVE_INFINITY;
  let resumedMs = nowMs();
  return async () => {
    const workedMs = nowMs() - resumedMs;
    if (nowMs() - askedMs > ANSWER_HOLDS_MS) {
      askedMs = nowMs();
      busy = await isBusy().catch(() => true);
    }
    if (busy) await rest(Math.min(LONGEST_REST_MS, workedMs * REST_FOR_WORK));
    resumedMs = nowMs();
  };
}
