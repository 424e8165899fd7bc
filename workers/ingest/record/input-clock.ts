/** A step backwards of more than this is a clock that began anew, ms; less is disorder between sound and picture. */
const BACK_MS = 1_000;
/** A step this much longer than the time that went by is one too, ms. */
const AHEAD_MS = 10_000;

/**
 * Puts an encoder's timestamps on the recording's clock as they are, moved by one offset. Only where they say nothing (another encoder, a clock
 * that jumped or wrapped) the time of arrival tells where the next stretch begins.
 */
export class InputClock {
  private offsetMs: number | null = null;
  private lastMs = 0;
  private lastNowMs = 0;
  private newestOutMs = 0;

  /** @param beganAtMs the recording's zero, on the clock of `nowMs` */
  constructor(private readonly beganAtMs: number) {}

  /** Another encoder: what comes next has a clock of its own. */
  begin(): void {
    this.offsetMs = null;
  }

  /** @param timestampMs the encoder's @returns ms since the recording began */
  place(timestampMs: number, nowMs: number): number {
    const step = timestampMs - this.lastMs;
    const passed = nowMs - this.lastNowMs;
    if (this.offsetMs !== null && (step < -BACK_MS || step > passed + AHEAD_MS)) this.offsetMs = null;
    if (this.offsetMs === null) {
      const arrival = Math.round(nowMs - this.beganAtMs);
      const after = this.newestOutMs > 0 ? this.newestOutMs + 1 : 0;
      this.offsetMs = Math.max(arrival, after) - timestampMs;
    }
    this.lastMs = timestampMs;
    this.lastNowMs = nowMs;
    const outMs = timestampMs + this.offsetMs;
    this.newestOutMs = Math.max(this.newestOutMs, outMs);
    return outMs;
  }
}
