import type { Sample } from './fragment.ts';

/** A run of samples that becomes one moof + mdat. */
export type CutPart = {
  /** Segment and part number, counted from 0 within this epoch. */
  segment: number;
  part: number;
  samples: Sample[];
  independent: boolean;
  /** The segment is complete with this part. */
  last: boolean;
};

export type PartGrid = {
  timescale: number;
  /** pts of the epoch's first sample in the track's timescale. */
  base: number;
  /** Lengths in seconds. */
  partS: number;
  segmentS: number;
};

/** Segment of the grid in which a sample beginning at `pts` lies, counted from 0. Also says where key frames are due. */
export function segmentAt(grid: PartGrid, pts: number): number {
  return Math.floor((pts - grid.base) / (grid.segmentS * grid.timescale));
}

function partAt(grid: PartGrid, pts: number): number {
  const since = pts - grid.base - segmentAt(grid, pts) * grid.segmentS * grid.timescale;
  return Math.floor(since / (grid.partS * grid.timescale));
}

/**
 * Cuts one track by its timestamps: a sample belongs to the segment and part in which it begins. So video and audio are cut at the
 * same instants, as near as their frames allow, and segment n of one covers segment n of the other. Since a track has no gaps,
 * the place of the next sample is known from the end of this one: a part is closed with its last sample, not a frame later.
 */
export class PartCutter {
  readonly #grid: PartGrid;
  #samples: Sample[] = [];
  #segment = -1;
  #part = 0;

  constructor(grid: PartGrid) {
    this.#grid = grid;
  }

  /** Takes the next sample in decode order; gives the part that it completes, if any. */
  add(sample: Sample): CutPart | null {
    const segment = segmentAt(this.#grid, sample.pts);
    if (segment !== this.#segment) {
      this.#segment = segment;
      this.#part = 0; // numbered without holes, also when a stretched frame covers a whole place of the grid
    }
    this.#samples.push(sample);
    const end = sample.pts + sample.duration;
    const last = segmentAt(this.#grid, end) !== segment;
    return last || partAt(this.#grid, end) !== partAt(this.#grid, sample.pts) ? this.#close(last) : null;
  }

  /** Closes what is open, at the end of the show. */
  finish(): CutPart | null {
    return this.#samples.length > 0 ? this.#close(true) : null;
  }

  #close(last: boolean): CutPart {
    const samples = this.#samples;
    this.#samples = [];
    return { segment: this.#segment, part: this.#part++, samples, independent: samples[0]?.key === true, last };
  }
}
