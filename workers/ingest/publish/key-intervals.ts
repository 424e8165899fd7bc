/**
 * A subscriber who joins a copied picture waits for its next key frame (an encoder cannot be asked for one), so 2 s is the longest
 * that may be copied. The margin lets an encoder at exactly 2 s pass with its jitter.
 */
export const MAX_KEY_INTERVAL_MS = 2_150;
/** Longer than this without a key frame from the start: the encoder is set so. */
const FIRST_GAP_MS = 2_600;
/** A single interval that long speaks for itself, though those before were short. */
const LONE_GAP_MS = 4_400;
const LONE_GAP_BUSY_MS = 8_000;
/** Fewer in a row may be an encoder that left pictures out. */
const LONG_ONES_NEEDED = 2;
const LONG_ONES_NEEDED_BUSY = 4;
/** Between two pictures; more, or less than nothing, is a clock that jumped. */
const JUMP_MS = 3_000;

/**
 * How far apart key frames are, by the encoder's own timestamps: when they arrive says how busy the network and this machine are, not what
 * the encoder does.
 */
export class KeyIntervals {
  /** Where the interval under way began; null before the first key frame. */
  private sinceMs: number | null = null;
  /** False when it began at a jump of the clock, not at a key frame. */
  private isWhole = true;
  private lastMs: number | null = null;
  private hasGood = false;
  private longInARow = 0;
  /** The last whole interval, ms; 0 before there was one. */
  lastIntervalMs = 0;

  /** @param mediaMs the encoder's timestamp, unwrapped */
  add(mediaMs: number, isKey: boolean): void {
    const step = this.lastMs === null ? 0 : mediaMs - this.lastMs;
    this.lastMs = mediaMs;
    if (step < 0 || step > JUMP_MS) {
      this.sinceMs = mediaMs;
      this.isWhole = false;
    }
    if (!isKey) return;
    if (this.isWhole && this.sinceMs !== null && mediaMs > this.sinceMs) this.count(mediaMs - this.sinceMs);
    this.sinceMs = mediaMs;
    this.isWhole = true;
  }

  private count(intervalMs: number): void {
    this.lastIntervalMs = intervalMs;
    const isLong = intervalMs > MAX_KEY_INTERVAL_MS;
    this.longInARow = isLong ? this.longInARow + 1 : 0;
    if (!isLong) this.hasGood = true;
  }

  /** The interval to tell: the last whole one, or the one under way when it is longer already, ms. */
  get intervalMs(): number {
    return Math.max(this.lastIntervalMs, this.gapMs());
  }

  /**
   * Whether key frames are too rare to copy.
   * @param isBusy this machine has no processor to spare: it takes more to begin a transcode
   */
  areRare(isBusy: boolean): boolean {
    const gap = this.gapMs();
    if (!this.hasGood && this.longInARow === 0) return gap > FIRST_GAP_MS;
    if (!this.hasGood) return true;
    return (
      this.longInARow >= (isBusy ? LONG_ONES_NEEDED_BUSY : LONG_ONES_NEEDED) ||
      gap > (isBusy ? LONE_GAP_BUSY_MS : LONE_GAP_MS)
    );
  }

  private gapMs(): number {
    return this.sinceMs === null || this.lastMs === null ? 0 : this.lastMs - this.sinceMs;
  }
}
