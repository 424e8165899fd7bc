import { type Mark, writeEventMessage } from './event-message.ts';
import { type Sample, writeFragment } from './fragment.ts';
import { type TrackFormat, writeInitSegment } from './init-segment.ts';
import { type CutPart, PartCutter, type PartGrid } from './parts.ts';
import { basePts, type Timeline, to90k, wallOf } from './timeline.ts';

/** A closed part: `d` in 1/90000 s, `w` wall clock of its first sample in ms. */
export type Part = {
  rendition: string;
  msn: number;
  part: number;
  d: number;
  w: number;
  independent: boolean;
  discontinuity: boolean;
  bytes: Buffer;
};

/** A closed segment: the concatenation of its parts. */
export type Segment = {
  rendition: string;
  msn: number;
  parts: number;
  d: number;
  w: number;
  discontinuity: boolean;
  bytes: Buffer;
};

/** What the packager hands on; declared here, given by the outputs. */
export type PieceSink = {
  part(part: Part): void;
  segment(segment: Segment): void;
  /** A whole segment that is not made: the rung was off. */
  gap?(gap: Gap): void;
};

/** The place of a segment that there is not. */
export type Gap = Pick<Segment, 'rendition' | 'msn' | 'd' | 'w' | 'discontinuity'>;

/** Packages one rendition: samples in, parts and segments out, numbered by the show's timeline. */
export class TrackPackager {
  readonly grid: PartGrid;
  readonly init: Buffer;
  readonly #rendition: string;
  readonly #timeline: Timeline;
  readonly #sink: PieceSink;
  readonly #cutter: PartCutter;
  #sequence = 0;
  #marks: Mark[] = [];
  #open: { parts: Buffer[]; d: number; w: number } | null = null;

  constructor(input: {
    rendition: string;
    format: TrackFormat;
    timeline: Timeline;
    lengths: { partS: number; segmentS: number };
    sink: PieceSink;
  }) {
    const { timescale } = input.format;
    this.#rendition = input.rendition;
    this.#timeline = input.timeline;
    this.#sink = input.sink;
    this.grid = { timescale, base: basePts(input.timeline, timescale), ...input.lengths };
    this.init = writeInitSegment(input.format);
    this.#cutter = new PartCutter(this.grid);
  }

  /** Next sample in decode order, its pts on the show's timeline. */
  add(sample: Sample): void {
    const cut = this.#cutter.add(sample);
    if (cut) this.#emit(cut);
  }

  /** Puts a mark in front of the next part. */
  mark(mark: Mark): void {
    this.#marks.push(mark);
  }

  /** Closes part and segment, at the end of the show. */
  finish(): void {
    const cut = this.#cutter.finish();
    if (cut) this.#emit(cut);
    else if (this.#open) this.#closeSegment(this.#open, this.#lastMsn);
  }

  /**
   * Gives gaps for all segments before this one (counted from 0) that were not made, so that the numbers of every rendition agree.
   * What is open is closed first. Called once a tick while a rung is off, and before it comes back.
   */
  skipTo(segment: number): void {
    if (this.#nextSegment >= segment) return;
    this.finish();
    const { timescale, base, segmentS } = this.grid;
    for (; this.#nextSegment < segment; this.#nextSegment++) {
      const msn = this.#timeline.firstMsn + this.#nextSegment;
      this.#sink.gap?.({
        rendition: this.#rendition,
        msn,
        d: Math.round(segmentS * 90_000),
        w: wallOf(this.#timeline, base + this.#nextSegment * segmentS * timescale, timescale),
        discontinuity: this.#timeline.resumed && this.#nextSegment === 0,
      });
    }
  }

  /** Segment that comes after the last one closed or left out, counted from 0. */
  #nextSegment = 0;
  #lastMsn = -1;

  #emit(cut: CutPart): void {
    const first = cut.samples[0];
    if (!first) return;
    const { timescale } = this.grid;
    const marks = this.#marks.splice(0).map((mark) => writeEventMessage(mark, first.pts, timescale));
    const bytes = Buffer.concat([...marks, writeFragment(++this.#sequence, cut.samples)]);
    const units = cut.samples.reduce((sum, sample) => sum + sample.duration, 0);
    const d = to90k(units, timescale);
    const w = wallOf(this.#timeline, first.pts, timescale);
    const msn = this.#timeline.firstMsn + cut.segment;
    this.#lastMsn = msn;
    this.#open ??= { parts: [], d: 0, w };
    this.#open.parts.push(bytes);
    this.#open.d += d;
    const discontinuity = this.#timeline.resumed && cut.segment === 0;
    this.#sink.part({
      rendition: this.#rendition,
      msn,
      part: cut.part,
      d,
      w,
      independent: cut.independent,
      discontinuity,
      bytes,
    });
    if (cut.last) this.#closeSegment(this.#open, msn);
  }

  #closeSegment(open: { parts: Buffer[]; d: number; w: number }, msn: number): void {
    this.#open = null;
    this.#nextSegment = msn - this.#timeline.firstMsn + 1;
    this.#sink.segment({
      rendition: this.#rendition,
      msn,
      parts: open.parts.length,
      d: open.d,
      w: open.w,
      discontinuity: this.#timeline.resumed && msn === this.#timeline.firstMsn,
      bytes: Buffer.concat(open.parts),
    });
  }
}
