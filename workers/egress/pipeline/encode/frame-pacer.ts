/** Where one encoded picture lies: pts and duration in frames since the epoch's first, and whether it begins a segment. */
export type FramePlace = { pts: number; duration: number; key: boolean };

/** Longest time one picture may stand for after a pause, in seconds: no part may last much longer than this. */
const LONGEST_S = 0.5;

/**
 * Turns ticks into a timeline without gaps. A picture covers everything since the one before: when ticks were skipped it begins
 * earlier and lasts longer; after a long pause of the process it is repeated, so that the timeline always meets the clock.
 */
export class FramePacer {
  readonly #segmentFrames: number;
  readonly #longest: number;
  #next = 0;

  constructor(fps: number, segmentS: number) {
    this.#segmentFrames = Math.round(fps * segmentS);
    this.#longest = Math.max(1, Math.round(fps * LONGEST_S));
  }

  /** Frames placed so far: the end of the timeline. */
  get end(): number {
    return this.#next;
  }

  /** Places for the picture of this tick; none when its time is covered already. */
  place(tick: number): FramePlace[] {
    const places: FramePlace[] = [];
    while (this.#next <= tick) {
      const pts = this.#next;
      const missing = tick + 1 - pts;
      const duration = Math.min(missing, this.#longest);
      const key = pts === 0 || Math.floor(pts / this.#segmentFrames) !== Math.floor(this.#last / this.#segmentFrames);
      places.push({ pts, duration, key });
      this.#last = pts;
      this.#next = pts + duration;
    }
    return places;
  }

  #last = 0;
}
