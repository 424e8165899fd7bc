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
export type PieceSink = { part(part: Part): void; segment(segment: Segment): void };

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
