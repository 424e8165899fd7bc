/** Where one encoded picture lies: pts and duration in ticks since the epoch's first, and whether it begins a segment. */
export type FramePlace = { pts: number; duration: number; key: boolean };

/**
 * Turns ticks into a timeline without gaps. A picture covers everything since the one before: when ticks were skipped it begins
 * earlier and lasts longer, but never over the border of a part; it is encoded again for each part it reaches into (a repeated
 * picture costs next to nothing). So every part and segment has its exact length, however late a tick was, and key frames lie
 * exactly on segment borders. A rung of a lower frame rate takes every `step`-th tick of a part, on the same grid: its parts begin and
 * end where the others' do.
 */
export class FramePacer {
  readonly #segmentFrames: number;
  readonly #partFrames: number;
  #step: number;
  #wantedStep: number;
  #next = 0;

  /**
   * @param fps ticks a second
   * @param partS length of a part in seconds; frames that do not divide a segment evenly make its last part shorter
   * @param step ticks a picture
   */
  constructor(fps: number, segmentS: number, partS: number, step = 1) {
    this.#segmentFrames = Math.max(1, Math.round(fps * segmentS));
    this.#partFrames = Math.max(1, Math.round(fps * partS));
    this.#step = step;
    this.#wantedStep = step;
  }

  /** Ticks covered so far: the end of the timeline. */
  get end(): number {
    return this.#next;
  }

  /** True when the timeline ends with a segment. */
  get atBorder(): boolean {
    return this.#next % this.#segmentFrames === 0;
  }

  /** Segment in which a tick lies, counted from 0. */
  segmentOf(tick: number): number {
    return Math.floor(tick / this.#segmentFrames);
  }

  /** Ticks a picture from the next segment on. */
  setStep(step: number): void {
    this.#wantedStep = step;
    if (this.atBorder) this.#step = step;
  }

  /** Leaves out everything before a segment: the next picture begins it. */
  skipTo(segment: number): void {
    this.#next = Math.max(this.#next, segment * this.#segmentFrames);
    this.#step = this.#wantedStep;
  }

  /** True when the picture of this tick is wanted. */
  isDue(tick: number): boolean {
    return this.#next <= tick;
  }

  /**
   * Places for the picture of this tick; none when its time is covered already.
   * @param stop give nothing beyond the segment that is open
   */
  place(tick: number, stop = false): FramePlace[] {
    const places: FramePlace[] = [];
    while (this.#next <= tick) {
      const pts = this.#next;
      const inSegment = pts % this.#segmentFrames;
      if (inSegment === 0) {
        if (stop && places.length > 0) break;
        this.#step = this.#wantedStep;
      }
      const inPart = inSegment % this.#partFrames;
      const room = Math.min(this.#partFrames - inPart, this.#segmentFrames - inSegment);
      // A slower rung keeps to its own grid after a late tick: its pictures are those of the others.
      const covered = Math.ceil((inPart + tick + 1 - pts) / this.#step) * this.#step - inPart;
      const duration = Math.min(covered, room);
      places.push({ pts, duration, key: inSegment === 0 });
      this.#next = pts + duration;
    }
    return places;
  }
}
