import type { Logger } from 'pino';
import type { EgressPlan } from '../plan.ts';
import { openPlanBucket, type StorageTrouble } from './output/plan-bucket.ts';
import { TsOutput } from './output/ts-output.ts';
import { TsPackager } from './package/ts/ts-packager.ts';

type Begin = {
  avcC: Uint8Array | null;
  aacConfig: Uint8Array | null;
  onFirst(): void;
  /** A segment is closed; whether storage has it yet is another matter. */
  onSegment(): void;
};

/** Packager and output of TS segments, from the encoders' packets to storage. */
export class TsLine {
  readonly #output: TsOutput;
  readonly #segmentS: number;
  #packager: TsPackager | null = null;

  private constructor(output: TsOutput, segmentS: number) {
    this.#output = output;
    this.#segmentS = segmentS;
  }

  static async open(plan: EgressPlan, trouble: StorageTrouble, log: Logger): Promise<TsLine> {
    if (!plan.segments) throw new Error('the plan has no segments');
    const { egressId, spoolFolder, livekit } = plan;
    const bucket = openPlanBucket(plan.segments.storage, trouble);
    const output = await TsOutput.open({ egressId, spoolFolder, livekit, ...plan.segments }, Date.now(), bucket, log);
    return new TsLine(output, plan.segments.segmentS);
  }

  get totals(): { count: number; bytes: number; durationMs: number } {
    return this.#output.totals;
  }

  /** Object keys of the segments, in order. */
  get keys(): string[] {
    return this.#output.keys;
  }

  begin({ avcC, aacConfig, onFirst, onSegment }: Begin): void {
    this.#output.onFirstSegment = onFirst;
    this.#packager = new TsPackager({
      tracks: { avcC, aacConfig },
      segmentS: this.#segmentS,
      onSegment: (segment) => {
        this.#output.segment(segment);
        onSegment();
      },
    });
  }

  /** @param packet pts and duration in frames */
  video(packet: { pts: number; duration: number; key: boolean; data: Buffer }, fps: number): void {
    const tick = 90_000 / fps;
    const { key, data } = packet;
    const pts = Math.round(packet.pts * tick);
    this.#packager?.video({ pts, duration: Math.round(packet.duration * tick), key, data });
  }

  /** @param packet pts and duration in samples at 48 kHz */
  audio({ pts, duration, data }: { pts: number; duration: number; data: Buffer }): void {
    this.#packager?.audio({ pts: (pts * 90_000) / 48_000, duration: (duration * 90_000) / 48_000, data });
  }

  finish(): void {
    this.#packager?.finish();
  }

  end(): Promise<void> {
    return this.#output.end();
  }

  leave(limitMs: number): Promise<void> {
    return this.#output.leave(limitMs);
  }
}
