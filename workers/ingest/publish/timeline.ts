/** A mapping that is this far off is a new clock, not a late packet, ms. */
const JUMP_MS = 5_000;
/** Tags of an old clock in a row, after which it is the clock again. */
const MOST_STRAGGLERS = 50;
/** Lag is looked at over this window, ms. */
const WINDOW_MS = 1_000;
/** A lag that never falls below this for so many windows will not be caught up, ms. */
const LASTING_LAG_MS = 400;
const LASTING_WINDOWS = 3;
/** What an encoder kept while it connected comes in one burst; so long after the first tag it is followed at once, ms. */
const BURST_MS = 2_000;
const BURST_LEAD_MS = 40;
/** Differences below this are the network's, ms. */
const DEAD_ZONE_MS = 15;
/** How fast drift between the two clocks is taken back, ms a window: 0.2 %, three times the worst quartz and unheard. */
const SLEW_MS = 2;

export type Placed = {
  /** On the output clock, ms. */
  outMs: number;
  /** The encoder's own clock without its wraps, ms since the connection's first tag. */
  mediaMs: number;
};

/**
 * Joins the clocks of an encoder's connections to one output clock: ms since the timeline began, by the wall. Sound and picture share the
 * mapping, so they stay in step. It is set when a connection begins and when the encoder's timestamps jump, moved when the encoder has
 * fallen behind for good, and turned a little every second, so that the drift of two quartzes never piles up.
 */
export class Timeline {
  private offset: number | null = null;
  /** Before the last jump: sound and picture do not jump at the same tag. */
  private offsetBefore: number | null = null;
  private stragglers = 0;
  private begunAtMs = 0;
  private windowStart = 0;
  private leastLag = Number.POSITIVE_INFINITY;
  private lateWindows = 0;
  private leastOfLate = Number.POSITIVE_INFINITY;
  private last: { timestamp: number; mediaMs: number } | null = null;
  /** Smallest lag of the last whole window: how late the encoder's newest media is on the output clock, ms. */
  lagMs = 0;

  /** The next tag belongs to a new connection: its clock begins now. */
  begin(): void {
    this.offset = null;
    this.offsetBefore = null;
    this.last = null;
  }

  /**
   * @param timestampMs of the encoder, 32 bits that wrap
   * @param nowMs of the output clock
   */
  map(timestampMs: number, nowMs: number): Placed {
    const mediaMs = this.unwrap(timestampMs);
    if (this.offset === null) {
      this.anchor(mediaMs, nowMs);
      this.begunAtMs = nowMs;
    }
    const lag = nowMs - (mediaMs + (this.offset ?? 0));
    if (Math.abs(lag) > JUMP_MS) return { outMs: this.afterJump(mediaMs, nowMs), mediaMs };
    if (lag < -BURST_LEAD_MS && nowMs - this.begunAtMs < BURST_MS) {
      this.anchor(mediaMs, nowMs);
      return { outMs: nowMs, mediaMs };
    }
    this.stragglers = 0;
    this.leastLag = Math.min(this.leastLag, lag);
    if (nowMs - this.windowStart >= WINDOW_MS) this.endWindow(nowMs);
    return { outMs: mediaMs + (this.offset ?? 0), mediaMs };
  }

  /** 32-bit arithmetic takes a wrap (49.7 days) for the small step it is. */
  private unwrap(timestampMs: number): number {
    const step = this.last === null ? 0 : (timestampMs - this.last.timestamp) | 0;
    const mediaMs = (this.last?.mediaMs ?? 0) + step;
    this.last = { timestamp: timestampMs, mediaMs };
    return mediaMs;
  }

  private afterJump(mediaMs: number, nowMs: number): number {
    const before = this.offsetBefore;
    // A straggler of the old clock keeps its place there; many of them are a clock that came back.
    if (before !== null && Math.abs(nowMs - (mediaMs + before)) <= JUMP_MS) {
      this.stragglers += 1;
      if (this.stragglers <= MOST_STRAGGLERS) return mediaMs + before;
    }
    this.stragglers = 0;
    this.offsetBefore = this.offset;
    this.anchor(mediaMs, nowMs);
    return nowMs;
  }

  private endWindow(nowMs: number): void {
    const { leastLag } = this;
    this.lagMs = Number.isFinite(leastLag) ? leastLag : 0;
    if (leastLag > LASTING_LAG_MS) {
      this.lateWindows += 1;
      this.leastOfLate = Math.min(this.leastOfLate, leastLag);
      if (this.lateWindows >= LASTING_WINDOWS) {
        this.turn(this.leastOfLate);
        this.forgetLate();
      }
    } else {
      this.forgetLate();
      if (Number.isFinite(leastLag) && Math.abs(leastLag) > DEAD_ZONE_MS) this.turn(Math.sign(leastLag) * SLEW_MS);
    }
    this.startWindow(nowMs);
  }

  private turn(byMs: number): void {
    this.offset = (this.offset ?? 0) + byMs;
  }

  private anchor(mediaMs: number, nowMs: number): void {
    this.offset = nowMs - mediaMs;
    this.forgetLate();
    this.startWindow(nowMs);
  }

  private forgetLate(): void {
    this.lateWindows = 0;
    this.leastOfLate = Number.POSITIVE_INFINITY;
  }

  private startWindow(nowMs: number): void {
    this.windowStart = nowMs;
    this.leastLag = Number.POSITIVE_INFINITY;
  }
}
