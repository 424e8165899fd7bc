/** A mapping that is this far off is a new clock, not a late packet, ms. */
const JUMP_MS = 5_000;
/** Lag is looked at over this window, ms. */
const WINDOW_MS = 1_000;
/** A lag that never falls below this for a whole window will not be caught up, ms. */
const LASTING_LAG_MS = 400;

/**
 * Joins the clocks of an encoder's connections to one output clock that never goes back: ms since the timeline began, by the wall.
 * Sound and picture share the mapping, so they stay in step; it moves only when a connection begins, when the encoder's
 * timestamps jump, or when the encoder has fallen behind for good (stopped and continued).
 */
export class Timeline {
  private offset: number | null = null;
  private windowStart = 0;
  private leastLag = Number.POSITIVE_INFINITY;

  /** The next tag belongs to a new connection: its clock begins now. */
  begin(): void {
    this.offset = null;
  }

  /**
   * @param timestampMs of the encoder
   * @param nowMs of the output clock
   * @returns the timestamp on the output clock
   */
  map(timestampMs: number, nowMs: number): number {
    if (this.offset === null) this.anchor(timestampMs, nowMs);
    let out = timestampMs + (this.offset ?? 0);
    const lag = nowMs - out;
    if (Math.abs(lag) > JUMP_MS) {
      this.anchor(timestampMs, nowMs);
      return nowMs;
    }
    this.leastLag = Math.min(this.leastLag, lag);
    if (nowMs - this.windowStart >= WINDOW_MS) {
      if (this.leastLag > LASTING_LAG_MS) {
        this.offset = (this.offset ?? 0) + this.leastLag;
        out += this.leastLag;
      }
      this.startWindow(nowMs);
    }
    return out;
  }

  private anchor(timestampMs: number, nowMs: number): void {
    this.offset = nowMs - timestampMs;
    this.startWindow(nowMs);
  }

  private startWindow(nowMs: number): void {
    this.windowStart = nowMs;
    this.leastLag = Number.POSITIVE_INFINITY;
  }
}
