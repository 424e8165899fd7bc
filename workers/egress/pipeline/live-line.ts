import type { Logger } from 'pino';
import type { EgressPlan } from '../plan.ts';
import { MediaOutputs } from './output/outputs.ts';
import type { Mark } from './package/event-message.ts';
import type { TrackPackager } from './package/packager.ts';
import { basePts, partLengths, type Timeline } from './package/timeline.ts';
import { AUDIO_ID, openPackagers, type trackFormats } from './rendition-packagers.ts';

type Begin = {
  timeline: Timeline;
  formats: ReturnType<typeof trackFormats>;
  /** Whether people are to be seen just now, or the slate. */
  showsSource(): boolean;
  onFirst(): void;
  onSegment(): void;
};

type Sample = { pts: number; duration: number; data: Buffer };

/** The show as players get it: a packager a rendition, the live feed, and storage behind it. */
export class LiveLine {
  readonly outputs: MediaOutputs;
  readonly #plan: EgressPlan;
  readonly #packagers = new Map<string, TrackPackager>();
  #timeline: Timeline | null = null;
  #lastMsn = -1;

  private constructor(plan: EgressPlan, outputs: MediaOutputs) {
    this.#plan = plan;
    this.outputs = outputs;
  }

  /** @param ids of the renditions @throws when Redis stays away for 15 s, or another egress writes this feed */
  static async open(
    plan: EgressPlan,
    ids: readonly string[],
    events: { onLeaseLost(): void },
    log: Logger,
  ): Promise<LiveLine> {
    if (!plan.segments) throw new Error('the plan has no segments');
    const { egressId, redisUrl, spoolFolder, spoolBytes, resumes, livekit } = plan;
    const target = { egressId, redisUrl, spoolFolder, spoolBytes, resumes, livekit, ...plan.segments };
    return new LiveLine(plan, await MediaOutputs.open(target, ids, events, log));
  }

  /** Number of the last segment that was closed; -1 before the first. */
  get lastMsn(): number {
    return this.#lastMsn;
  }

  begin({ timeline, formats, showsSource, onFirst, onSegment }: Begin): void {
    const { segments, program } = this.#plan;
    if (!segments) return;
    this.#timeline = timeline;
    const { segmentS } = segments;
    const { partS, partTargetMs } = partLengths(segments.partMs, program.fps, segmentS);
    const made = openPackagers(
      formats,
      timeline,
      { partS, segmentS },
      {
        part: (part) => {
          this.outputs.segments.part(part);
          this.outputs.setShows(showsSource() ? 'source' : 'slate');
        },
        segment: (segment) => {
          this.outputs.segments.segment(segment);
          this.#lastMsn = Math.max(this.#lastMsn, segment.msn);
          onSegment();
        },
        gap: (gap) => this.outputs.segments.gap(gap),
      },
    );
    for (const { rendition, packager } of made) this.#packagers.set(rendition.id, packager);
    const renditions = made.map(({ rendition, packager }) => ({ rendition, init: packager.init }));
    this.outputs.segments.onFirstPart = onFirst;
    const { startedAtMs } = timeline;
    const { latency } = program;
    this.outputs.announce({ partMs: partTargetMs, segmentMs: segmentS * 1000, latency, startedAtMs, renditions });
  }

  /** In every picture rendition, since a player reads one of them; in the sound of a show without pictures. */
  mark(mark: Mark): void {
    for (const [id, packager] of this.#packagers) {
      if (id !== AUDIO_ID || this.#packagers.size === 1) packager.mark(mark);
    }
  }

  /** @param packet pts and duration in frames of the program's rate */
  video(id: string, { pts, duration, key, data }: Sample & { key: boolean }): void {
    const packager = this.#packagers.get(id);
    if (!packager) return;
    const unit = packager.grid.timescale / this.#plan.program.fps;
    packager.add({ pts: packager.grid.base + pts * unit, duration: duration * unit, key, data });
  }

  /** @param packet pts and duration in samples */
  audio({ pts, duration, data }: Sample, sampleRate: number): void {
    if (!this.#timeline) return;
    const base = basePts(this.#timeline, sampleRate);
    this.#packagers.get(AUDIO_ID)?.add({ pts: base + pts, duration, key: true, data });
  }

  /** What of a rung is still open is closed; it goes on with the given segment. */
  skipTo(id: string, segment: number): void {
    this.#packagers.get(id)?.skipTo(segment);
  }

  finish(): void {
    for (const packager of this.#packagers.values()) packager.finish();
  }
}
