/** What is due this often is looked at, ms. */
const BEAT_MS = 50;
/** What timers and collections of garbage are late on a machine that is busy and keeps up, ms. */
const USUAL_MS = 100;

/**
 * Adds up how long a process could not do what was due: its loop was busy, or the machine gave it no processor. Media that comes in
 * meanwhile waits in front of it, and looks as late as media that the network brings late.
 */
export class HeldUp {
  private dueAtMs: number;
  /** Since the beginning, ms. */
  totalMs = 0;

  constructor(nowMs: number) {
    this.dueAtMs = nowMs + BEAT_MS;
  }

  beat(nowMs: number): void {
    const lateMs = nowMs - this.dueAtMs;
    if (lateMs > USUAL_MS) this.totalMs += lateMs;
    this.dueAtMs = nowMs + BEAT_MS;
  }
}

/** Watches the loop of this process. A histogram of `perf_hooks` cannot tell the sum of what was late apart from ordinary waiting. */
export function watchHeldUp(): { totalMs(): number; stop(): void } {
  const heldUp = new HeldUp(performance.now());
  const beating = setInterval(() => heldUp.beat(performance.now()), BEAT_MS);
  beating.unref();
  return { totalMs: () => heldUp.totalMs, stop: () => clearInterval(beating) };
}
