import type { Logger } from 'pino';
import type { EgressPlan, EndCause, FromPipeline } from '../plan.ts';
import type { AudioPacket } from './encode/audio.ts';
import type { VideoPacket } from './encode/video.ts';
import { FileLine } from './file-line.ts';
import { ManifestLine } from './manifest-line.ts';
import type { TrackFormat } from './package/init-segment.ts';
import type { Resume, Timeline } from './package/timeline.ts';
import type { ProgramSink } from './program-sink.ts';
import { StorageTroubles } from './storage-troubles.ts';
import { TsLine } from './ts-line.ts';

/** What went wrong with a stored output, in a person's words. */
export type Problem = { cause: Extract<EndCause, 'failed' | 'storage-refused'>; error: string };

type Events = { send(message: FromPipeline): void; ended(cause: EndCause, error: string | null): void };
type Begin = { timeline: Timeline; formats: TrackFormat[]; onFirst(): void; onSegment(): void };
type Open = { ts: TsLine | null; files: FileLine | null; manifest: ManifestLine | null };

/** What a plain LiveKit request stores: TS segments, files, and the manifest that names both and the images. */
export class StoredLines {
  readonly troubles: StorageTroubles;
  readonly #events: Events;
  readonly #fps: number;
  #open: Open = { ts: null, files: null, manifest: null };

  /** @param pushes the destinations beside what is stored */
  constructor(plan: EgressPlan, pushes: { readonly size: number }, events: Events) {
    this.#fps = plan.program.fps;
    this.#events = events;
    this.troubles = new StorageTroubles(plan, pushes, events);
  }

  async open(plan: EgressPlan, log: Logger): Promise<void> {
    const { troubles } = this;
    const onRefused = (index: number, sentence: string) => troubles.of(`file ${index}`).onRefused(sentence);
    const onLimit = () => this.#events.ended('limit', null);
    this.#open = {
      ts: plan.segments?.format === 'ts' ? await TsLine.open(plan, troubles.of('segments'), log) : null,
      files: await FileLine.open(plan, log, { onRefused, onLimit }),
      // A list that cannot be stored takes nothing from what it would list.
      manifest: await ManifestLine.open(plan, { ...troubles.of('manifest'), onRefused: () => {} }, log),
    };
  }

  /** Where an earlier process of this egress was, by its files; null at a first start. */
  get earlier(): Resume | null {
    return this.#open.files?.earlier ?? null;
  }

  /** Takes the program's sound itself, for files that have a codec of their own. */
  get sink(): ProgramSink | null {
    return this.#open.files;
  }

  /** Of the TS segments; null without them. */
  get totals(): { count: number; bytes: number; durationMs: number } | null {
    return this.#open.ts?.totals ?? null;
  }

  /** Everything the pipeline tells its parent passes here. */
  hear(message: FromPipeline): void {
    this.#open.manifest?.hear(message);
  }

  begin({ timeline, formats, onFirst, onSegment }: Begin): void {
    const { ts, files } = this.#open;
    const video = formats.find((format) => format.kind === 'video') ?? null;
    const audio = formats.find((format) => format.kind === 'audio') ?? null;
    ts?.begin({ avcC: video?.avcC ?? null, aacConfig: audio?.config ?? null, onFirst, onSegment });
    files?.begin({ timeline, video, audio }, onFirst);
  }

  /** A picture of the top rung. */
  video(packet: VideoPacket): void {
    this.#open.ts?.video(packet, this.#fps);
    this.#open.files?.video(packet);
  }

  audio(packet: AudioPacket): void {
    this.#open.ts?.audio(packet);
    this.#open.files?.audio(packet);
  }

  /** No packet comes any more. */
  finish(): void {
    this.#open.ts?.finish();
  }

  /** Everything stored, the manifest last. @returns what is missing, or null */
  async end(): Promise<Problem | null> {
    const { ts, files, manifest } = this.#open;
    const { send } = this.#events;
    await ts?.end();
    const failed = await files?.make(send);
    const key = await manifest?.write(ts?.keys ?? [], Date.now());
    if (key) send({ t: 'manifest', key });
    if (this.troubles.problem) return { cause: 'storage-refused', error: this.troubles.problem };
    return failed ? { cause: 'failed', error: failed } : null;
  }

  async leave(limitMs: number): Promise<void> {
    await this.#open.ts?.leave(limitMs);
  }
}
