import { type FragmentSample, writeFragment } from '#core/playback/mp4/write-fragment';
import type { TrackFormat } from './track-format.ts';

/** What is stored as one object. */
export type Piece = {
  /** `video/init-1.mp4`, `audio/0001-00000012.m4s`: below the recording. */
  name: string;
  body: Uint8Array;
  /** Length of its media, ms; 0 for a header. */
  ms: number;
  samples: number;
  /** What follows can be decoded without what was before. */
  isFresh: boolean;
};

type Held = Omit<FragmentSample, 'duration'> & { at: number; length: number | null };

const USUAL_LENGTH_MS = 33;

/** Gathers the samples of one track and closes them into pieces: a header for each configuration, fragments behind it. */
export class TrackPieces {
  private format: TrackFormat | null = null;
  private epoch = 0;
  private sequence = 0;
  private held: Held[] = [];
  private heldBytes = 0;
  private lastLength = 0;
  /** Where the newest sample ends, in the track's timescale. */
  private end = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly track: string,
    private readonly give: (piece: Piece) => void,
  ) {}

  get bytes(): number {
    return this.heldBytes;
  }

  /** How what comes next is written; the same again changes nothing. */
  begin(format: TrackFormat): void {
    if (this.format === format) return;
    const isSame = this.format !== null && Buffer.compare(this.format.head, format.head) === 0;
    if (!isSame) {
      this.cut(null);
      this.epoch += 1;
      const name = `${this.track}/init-${this.epoch}.mp4`;
      this.give({ name, body: format.head, ms: 0, samples: 0, isFresh: true });
    }
    this.format = format;
  }

  /** @param atMs decode time @param offsetMs presentation minus decode time */
  addPicture(atMs: number, picture: { isKey: boolean; offsetMs: number; data: Buffer }): void {
    // Two at one time, or in disorder: decode order is what counts.
    const last = this.held.at(-1);
    const at = Math.max(Math.round(atMs), last ? last.at + 1 : this.end);
    const offset = picture.offsetMs - (at - Math.round(atMs));
    this.hold({ at, length: null, key: picture.isKey, offset, data: picture.data });
  }

  /** Sound is counted by its samples; a break longer than `toleranceMs` keeps its time. */
  addSound(atMs: number, sound: { samples: number; data: Buffer }, toleranceMs: number): void {
    const { timescale } = this.format ?? { timescale: 1000 };
    const told = Math.round((atMs * timescale) / 1000);
    const isBreak = Math.abs(told - this.end) > (toleranceMs * timescale) / 1000;
    if (isBreak) this.cut(null);
    const at = isBreak ? Math.max(told, this.end) : this.end;
    this.hold({ at, length: sound.samples, key: true, data: sound.data });
    this.end = at + sound.samples;
  }

  /**
   * Closes what is held into a piece.
   * @param nextAt where the next sample begins, in the track's timescale; null when that is not known
   */
  cut(nextAt: number | null): void {
    const first = this.held[0];
    if (!first || !this.format) return;
    const samples = this.held.map((sample, i) => {
      const next = this.held[i + 1]?.at ?? (sample.length === null ? nextAt : sample.at + sample.length);
      const usual = this.lastLength || Math.round((USUAL_LENGTH_MS * (this.format?.timescale ?? 0)) / 1000);
      const duration = next === null || next <= sample.at ? usual : next - sample.at;
      this.lastLength = duration;
      return { duration, key: sample.key, offset: sample.offset, data: sample.data };
    });
    const length = samples.reduce((sum, { duration }) => sum + duration, 0);
    this.sequence += 1;
    this.end = first.at + length;
    this.held = [];
    this.heldBytes = 0;
    const number = String(this.sequence).padStart(8, '0');
    this.give({
      name: `${this.track}/${String(this.epoch).padStart(4, '0')}-${number}.m4s`,
      body: writeFragment(this.sequence, first.at, samples),
      ms: Math.round((length * 1000) / this.format.timescale),
      samples: samples.length,
      isFresh: first.key,
    });
  }

  private hold(sample: Held): void {
    this.held.push(sample);
    this.heldBytes += sample.data.length;
  }
}
