/** Where one encoded picture lies: pts and duration in frames since the epoch's first, and whether it begins a segment. */
export type FramePlace = { pts: number; duration: number; key: boolean };

/**
 * Turns ticks into a timeline without gaps. A picture covers everything since the one before: when ticks were skipped it begins
 * earlier and lasts longer, but never over the border of a part; it is encoded again for each part it reaches into (a repeated
 * picture costs next to nothing). So every part and segment has its exact length, however late a tick was, and key frames lie
 * exactly on segment borders.
 */
export class FramePacer {
  readonly #segmentFrames: number;
  readonly #partFrames: number;
  #next = 0;

  /** @param partS length of a part in seconds; frames that do not divide a segment evenly make its last part shorter */
  constructor(fps: number, segmentS: number, partS: number) {
    this.#segmentFrames = Math.max(1, Math.round(fps * segmentS));
    this.#partFrames = Math.max(1, Math.round(fps * partS));
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
      const inSegment = pts % this.#segmentFrames;
      const room = Math.min(this.#partFrames - (inSegment % this.#partFrames), this.#segmentFrames - inSegment);
      const duration = Math.min(tick + 1 - pts, room);
      places.push({ pts, duration, key: inSegment === 0 });
      this.#next = pts + duration;
    }
    return places;
  }
}
