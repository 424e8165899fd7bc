import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { againAfter } from '#core/playback/mp4/again';
import { PartSink, type PartStore, partBytesFor } from '#core/playback/mp4/part-sink';
import { remux } from '#core/playback/mp4/remux';
import type { EgressPlan, FilePlan, FromPipeline } from '../plan.ts';
import { openPartStore } from './output/files/part-store.ts';
import { SoundFile } from './output/files/sound-file.ts';
import { Take } from './output/files/take.ts';
import { openTakenTrack } from './output/files/taken-track.ts';
import type { S3Plan } from './output/s3.ts';
import { refusalOf } from './output/storage-refusal.ts';
import type { TrackFormat } from './package/init-segment.ts';
import { TrackPackager } from './package/packager.ts';
import type { Resume, Timeline } from './package/timeline.ts';
import type { ProgramSink } from './program-sink.ts';

export type FileLineParts = {
  timeline: Timeline;
  /** The top rung and the sound, as the encoders make them; null where the egress has none. */
  video: Extract<TrackFormat, { kind: 'video' }> | null;
  audio: Extract<TrackFormat, { kind: 'audio' }> | null;
};

type Sample = { pts: number; duration: number; key?: boolean; data: Uint8Array };
/** How files reach storage; tests give one of their own. */
export type FileStoring = {
  openStore?: OpenPartStore;
  pausesMs?: readonly number[];
  onRefused?: OnRefused;
  /** The files are as large as they may become; told once. */
  onLimit?: () => void;
};
/** Storage refuses the file at this place of the request for good, in a person's words. */
export type OnRefused = (index: number, sentence: string) => void;
export type OpenPartStore = (plan: S3Plan, key: string, type: string) => PartStore;

const TYPES = { mp4: 'video/mp4', m4a: 'audio/mp4', ogg: 'audio/ogg', mp3: 'audio/mpeg', webm: 'video/webm' } as const;
/** A file of hours is not given up for a storage that is away for some minutes. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000];
const PART = { partS: 1, segmentS: 1 };
const SOUND_FRAMES_PER_S = 46.875;

/**
 * The files of a LiveKit request: what the encoders make is taken on disk while the egress runs, and at its end made into one proper file
 * each and uploaded. A process that dies leaves its take to the next one.
 */
export class FileLine implements ProgramSink {
  readonly #plan: EgressPlan;
  readonly #take: Take;
  readonly #log: Logger;
  readonly #openStore: OpenPartStore;
  readonly #pausesMs: readonly number[];
  readonly #onRefused: OnRefused;
  #onLimit: () => void;
  readonly #sounds: SoundFile[] = [];
  #tracks: { video: TrackPackager | null; audio: TrackPackager | null } = { video: null, audio: null };
  #onFirst: () => void = () => {};
  #problem: string | null = null;
  #closed = false;

  private constructor(plan: EgressPlan, take: Take, storing: FileStoring, log: Logger) {
    this.#plan = plan;
    this.#take = take;
    this.#log = log;
    this.#openStore = storing.openStore ?? openPartStore;
    this.#pausesMs = storing.pausesMs ?? PAUSES_MS;
    this.#onRefused = storing.onRefused ?? (() => {});
    this.#onLimit = storing.onLimit ?? (() => {});
  }

  /** @returns null when the plan asks for no file */
  static async open(plan: EgressPlan, log: Logger, storing: FileStoring = {}): Promise<FileLine | null> {
    if (plan.files.length === 0) return null;
    const { egressId, spoolFolder, audio } = plan;
    const unknown = plan.files.find(({ container }) => container === 'webm');
    if (unknown) throw new Error(`files of the kind ${unknown.container} cannot be made`);
    const nowMs = Date.now();
    const take = await Take.open(egressId, spoolFolder, nowMs);
    const line = new FileLine(plan, take, storing, log);
    const onFull = (error: unknown) => line.#full(error);
    for (const kind of ['ogg', 'mp3'] as const) {
      if (!plan.files.some(({ container }) => container === kind)) continue;
      line.#sounds.push(await SoundFile.open(kind, { take, bitrateKbps: audio.bitrateKbps, nowMs }, onFull));
    }
    return line;
  }

  /** Where an earlier process of this egress was; null at a first start. */
  get earlier(): Resume | null {
    const { epoch, startedAtMs, lastWriteMs } = this.#take;
    return epoch > 1 ? { startedAtMs, lastMsn: -1, lastEndMs: lastWriteMs ?? startedAtMs } : null;
  }

  /** @param onFirst told when the first bytes are on their way to disk */
  begin({ timeline, video, audio }: FileLineParts, onFirst: () => void): void {
    this.#onFirst = onFirst;
    const wants = (...kinds: FilePlan['container'][]) =>
      this.#plan.files.some(({ container }) => kinds.includes(container));
    const open = (name: 'video' | 'audio', format: TrackFormat): TrackPackager => {
      const appender = this.#take.append(name, (error) => this.#full(error));
      const part = ({ bytes }: { bytes: Buffer }) => {
        appender.write(bytes);
        this.#wrote();
      };
      const packager = new TrackPackager({
        rendition: name,
        format,
        timeline,
        lengths: PART,
        sink: { part, segment() {} },
      });
      appender.write(packager.init);
      return packager;
    };
    if (video && wants('mp4')) this.#tracks.video = open('video', video);
    if (audio && wants('mp4', 'm4a')) this.#tracks.audio = open('audio', audio);
    for (const file of this.#plan.files) void this.#probe(file);
  }

  /** A picture of the top rung. @param sample pts and duration in frames of the program's rate */
  video({ pts, duration, key = false, data }: Sample): void {
    const track = this.#tracks.video;
    if (!track || this.#closed) return;
    const unit = track.grid.timescale / this.#plan.program.fps;
    track.add({ pts: track.grid.base + pts * unit, duration: duration * unit, key, data });
  }

  /** An AAC frame. @param sample pts and duration in samples */
  audio({ pts, duration, data }: Sample): void {
    const track = this.#tracks.audio;
    if (track && !this.#closed) track.add({ pts: track.grid.base + pts, duration, key: true, data });
  }

  sound(block: Float32Array): void {
    if (this.#closed) return;
    for (const sound of this.#sounds) sound.sound(block);
    if (this.#sounds.length > 0) this.#wrote();
  }

  /** Ends the take and brings it to disk; the files are made by `make`, here or by a successor. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#tracks.video?.finish();
    this.#tracks.audio?.finish();
    for (const sound of this.#sounds) sound.finish();
    await this.#take.close();
  }

  /**
   * Makes the files and uploads them; what is uploaded is told.
   * @returns what went wrong, in a person's words, or null. A take whose file could not be uploaded stays on disk
   */
  async make(tell: (message: FromPipeline) => void): Promise<string | null> {
    await this.close();
    const endedAtMs = Date.now();
    const { startedAtMs } = this.#take;
    let kept = false;
    for (const file of this.#plan.files) {
      const { index, key } = file;
      try {
        const { bytes, durationMs, usedBackup } = await this.#makeWithBackup(file);
        if (usedBackup) tell({ t: 'backup-used' });
        tell({ t: 'file', index, key, bytes, durationMs, startedAtMs, endedAtMs, backup: usedBackup });
        this.#log.info({ key, bytes, durationMs }, 'a file was made and stored');
      } catch (error) {
        kept = true;
        this.#problem ??= refusalOf(error, file.storage) ?? 'The file could not be stored.';
        this.#log.error(
          { err: String(error), key, take: this.#take.folder },
          'a file could not be stored; its take stays on disk',
        );
      }
    }
    if (!kept) await this.#take.remove();
    return this.#problem;
  }

  #wrote(): void {
    this.#onFirst();
    this.#onFirst = () => {};
    const { fileBytes } = this.#plan;
    if (!fileBytes || this.#take.bytes <= fileBytes) return;
    this.#onLimit();
    this.#onLimit = () => {};
  }

  /**
   * Asks for an upload and lets it be: a wrong bucket or key is known now, and not after a show of hours. A storage that is away, or says
   * anything else, is asked again at the end.
   */
  async #probe({ index, key, container, storage }: FilePlan): Promise<void> {
    if (storage.backup) return;
    try {
      const upload = await this.#openStore(storage, key, TYPES[container]).begin();
      await upload.abort();
    } catch (error) {
      const refusal = refusalOf(error, storage);
      if (refusal !== null) this.#onRefused(index, refusal);
    }
  }

  #full(error: unknown): void {
    if (this.#problem) return;
    this.#problem = 'The disk of the egress worker is full: the file ends before the show.';
    this.#log.error({ err: String(error) }, 'the take for the files cannot be continued');
  }

  async #makeWithBackup(file: FilePlan): Promise<{ bytes: number; durationMs: number; usedBackup: boolean }> {
    const { backup } = file.storage;
    try {
      return {
        ...(await this.#makeOne(file, file.storage, backup ? this.#pausesMs.slice(0, 3) : this.#pausesMs)),
        usedBackup: false,
      };
    } catch (error) {
      if (!backup) throw error;
      this.#log.warn({ err: String(error), key: file.key }, 'a file goes to the backup storage');
      return { ...(await this.#makeOne(file, backup, this.#pausesMs)), usedBackup: true };
    }
  }

  async #makeOne({ container, key }: FilePlan, storage: S3Plan, pausesMs: readonly number[]) {
    const store = this.#openStore(storage, key, TYPES[container]);
    const again = againAfter(pausesMs, sleep, (error) => refusalOf(error, storage) === null);
    if (container === 'ogg' || container === 'mp3') return this.#uploadSound(container, store, again);
    const names = container === 'm4a' ? (['audio'] as const) : (['video', 'audio'] as const);
    const tracks = (await Promise.all(names.map((name) => this.#taken(name)))).filter((track) => track !== null);
    const expectedBytes = tracks.reduce((sum, { bytes }) => sum + bytes, 0);
    const order = {
      tracks: tracks.map((_, i) => i),
      facts: { createdAtMs: this.#take.startedAtMs },
      open: async (room: number) => new PartSink(store, room, { partBytes: partBytesFor(expectedBytes + room), again }),
    };
    const [made] = await remux(
      tracks.map(({ source }) => source),
      [order],
    );
    if (!made) throw new Error('nothing was recorded');
    return { bytes: made.bytes, durationMs: Math.round(made.durationS * 1000) };
  }

  async #taken(name: 'video' | 'audio') {
    const paths = await this.#take.files(name);
    if (paths.length === 0) return null;
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    const durationS = (Date.now() - this.#take.startedAtMs) / 1000;
    const samplesPerS = name === 'video' ? this.#plan.program.fps : SOUND_FRAMES_PER_S;
    const source = await openTakenTrack(paths, { durationS, samplesPerS });
    return { source, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  /** The files of all processes one behind the other: a chain of Ogg streams, or frames of MP3. */
  async #uploadSound(kind: 'ogg' | 'mp3', store: PartStore, again: ReturnType<typeof againAfter>) {
    const paths = await this.#take.files(kind);
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (bytes === 0) throw new Error('nothing was recorded');
    const sink = new PartSink(store, 0, { partBytes: partBytesFor(bytes), again });
    try {
      for (const path of paths) for await (const piece of createReadStream(path)) await sink.write(piece as Buffer);
      await sink.finish(new Uint8Array(0));
    } catch (error) {
      await sink.abort();
      throw error;
    }
    const lastMs = Math.max(...(await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs))));
    return { bytes, durationMs: Math.round(lastMs - this.#take.startedAtMs) };
  }
}
