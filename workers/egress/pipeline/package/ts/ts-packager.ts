import { TsMuxer, type TsTracks } from './ts-muxer.ts';

/** One access unit on the 90 kHz clock of the whole output. */
type TsSample = { track: 'video' | 'audio'; pts: number; duration: number; key: boolean; data: Uint8Array };

/** A closed segment: `startMs` on the media clock, durations in seconds. */
export type TsSegment = { bytes: Buffer; durationS: number; startMs: number };

/**
 * Joins picture and sound of one rendition into TS segments. Both arrive by clocks of their own, so samples wait until both have
 * passed a time; a segment begins with the key frame at its border, without a picture at the border itself.
 */
export class TsPackager {
  readonly #muxer: TsMuxer;
  readonly #segmentTicks: number;
  readonly #onSegment: (segment: TsSegment) => void;
  readonly #queues: Partial<Record<'video' | 'audio', TsSample[]>> = {};
  readonly #lead: 'video' | 'audio';
  #open: { pts: number; border: number } | null = null;
  #end = 0;

  /** @param segmentS seconds; media time counts from 0 */
  constructor(input: { tracks: TsTracks; segmentS: number; onSegment(segment: TsSegment): void }) {
    const { avcC, aacConfig } = input.tracks;
    this.#muxer = new TsMuxer(input.tracks);
    this.#segmentTicks = input.segmentS * 90_000;
    this.#onSegment = input.onSegment;
    if (avcC) this.#queues.video = [];
    if (aacConfig) this.#queues.audio = [];
    this.#lead = avcC ? 'video' : 'audio';
  }

  video(sample: Omit<TsSample, 'track'>): void {
    this.#queues.video?.push({ ...sample, track: 'video' });
    this.#pump(false);
  }

  audio(sample: Omit<TsSample, 'track' | 'key'>): void {
    this.#queues.audio?.push({ ...sample, track: 'audio', key: true });
    this.#pump(false);
  }

  /** Closes the last segment. */
  finish(): void {
    this.#pump(true);
    this.#close(this.#end);
  }

  #pump(all: boolean): void {
    const queues = Object.values(this.#queues);
    for (;;) {
      if (!all && queues.some((queue) => queue.length === 0)) return;
      const heads = queues.flatMap((queue) => queue[0] ?? []);
      const next = heads.reduce<TsSample | null>((first, one) => (first && first.pts <= one.pts ? first : one), null);
      if (!next) return;
      this.#queues[next.track]?.shift();
      this.#take(next);
    }
  }

  #take(sample: TsSample): void {
    if (sample.track === this.#lead) {
      const border = Math.floor(sample.pts / this.#segmentTicks);
      if (sample.key && border !== this.#open?.border) {
        this.#close(sample.pts);
        this.#open = { pts: sample.pts, border };
        this.#muxer.begin();
      }
      this.#end = sample.pts + sample.duration;
    }
    // Sound before the first key frame has no segment to stand in.
    if (!this.#open) return;
    if (sample.track === 'video') this.#muxer.video(sample.pts, sample.key, sample.data);
    else this.#muxer.audio(sample.pts, sample.data);
  }

  #close(endPts: number): void {
    if (!this.#open) return;
    const { pts } = this.#open;
    this.#open = null;
    this.#onSegment({ bytes: this.#muxer.take(), durationS: (endPts - pts) / 90_000, startMs: pts / 90 });
  }
}
