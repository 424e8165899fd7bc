export type RungAtWork = { width: number; height: number; fps: number; encodeMs: number; on: boolean };

/** Small pictures cost more for each of their pixels. */
const SMALL_EXTRA = 1.25;

/**
 * Milliseconds of encoding a second for each rung. One that is off is reckoned from those that are on: what it took last, it took when
 * the machine was short of CPU, and by that figure it would never fit again.
 */
export function rungCosts(rungs: readonly RungAtWork[]): number[] {
  const pixelRate = ({ width, height, fps }: RungAtWork) => width * height * fps;
  const working = rungs.filter(({ on, encodeMs }) => on && encodeMs > 0);
  const spentMs = working.reduce((sum, { encodeMs, fps }) => sum + encodeMs * fps, 0);
  const pixels = working.reduce((sum, rung) => sum + pixelRate(rung), 0);
  return rungs.map((rung) => {
    const lastMs = rung.encodeMs * rung.fps;
    if (rung.on || pixels === 0) return lastMs;
    return Math.min(lastMs || Number.POSITIVE_INFINITY, (spentMs / pixels) * pixelRate(rung) * SMALL_EXTRA);
  });
}
