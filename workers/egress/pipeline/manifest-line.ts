import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { againAfter } from '#core/playback/mp4/again';
import { locationOf } from '../location.ts';
import type { EgressPlan, FromPipeline, ManifestPlan, StoragePlan } from '../plan.ts';
import { NoteFile } from './output/note-file.ts';
import { openPlanBucket, type StorageTrouble } from './output/plan-bucket.ts';
import { presign } from './output/s3.ts';
import type { Bucket } from './output/storage.ts';
import { refusalOf } from './output/storage-refusal.ts';

/** One line on disk: what a restarted process could not know. */
type Note = { startedAtMs: number } | Image;
type File = { index: number; key: string; backup: boolean };
type Image = { index: number; key: string; atMs: number };

const PAUSES_MS = [500, 1000, 2000, 4000];

/**
 * LiveKit's manifest of an egress: one JSON object beside the outputs that names everything that was stored. Pictures are noted on disk as
 * they are stored, so that those of a crashed process are in it.
 */
export class ManifestLine {
  readonly #plan: EgressPlan;
  readonly #manifest: ManifestPlan;
  readonly #bucket: Bucket;
  readonly #notes: NoteFile<Note>;
  readonly #log: Logger;
  readonly #images = new Map<string, Image>();
  readonly #files: File[] = [];
  #startedAtMs: number | null = null;

  private constructor(plan: EgressPlan, manifest: ManifestPlan, bucket: Bucket, notes: NoteFile<Note>, log: Logger) {
    this.#plan = plan;
    this.#manifest = manifest;
    this.#bucket = bucket;
    this.#notes = notes;
    this.#log = log;
  }

  /** @returns null when the plan wants none */
  static async open(
    plan: EgressPlan,
    trouble: StorageTrouble,
    log: Logger,
    open: (storage: StoragePlan) => Bucket = (storage) => openPlanBucket(storage, trouble),
  ): Promise<ManifestLine | null> {
    const { manifest, egressId } = plan;
    if (!manifest) return null;
    const { notes, earlier } = await NoteFile.open<Note>(plan.spoolFolder, 'manifest', egressId);
    const line = new ManifestLine(plan, manifest, open(manifest.storage), notes, log);
    for (const note of earlier) {
      if ('startedAtMs' in note) line.#startedAtMs ??= note.startedAtMs;
      else line.#keep(note);
    }
    return line;
  }

  /** Everything the pipeline tells its parent passes here. */
  hear(message: FromPipeline): void {
    if (message.t === 'active' && this.#startedAtMs === null) {
      this.#startedAtMs = message.atMs;
      this.#notes.add({ startedAtMs: message.atMs });
    } else if (message.t === 'file') {
      this.#files.push({ index: message.index, key: message.key, backup: message.backup === true });
    } else if (message.t === 'images' && message.key !== undefined) {
      const image = { index: message.index, key: message.key, atMs: message.atMs ?? Date.now() };
      this.#keep(image);
      this.#notes.add(image);
    }
  }

  /**
   * Writes it; nothing is written of an egress that never played.
   * @param segments keys of the stored TS segments, in order
   * @returns its key, or null when there is none
   */
  async write(segments: string[], endedAtMs: number): Promise<string | null> {
    if (this.#startedAtMs === null) return null;
    const { key, storage } = this.#manifest;
    try {
      const text = await this.#render(segments, endedAtMs);
      const again = againAfter(PAUSES_MS, sleep, (error) => refusalOf(error, storage) === null);
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
      await again(() => this.#bucket.put(key, Buffer.from(`${text}\n`), headers));
      await this.#notes.drop();
      return key;
    } catch (error) {
      this.#log.warn({ err: String(error), key }, 'the manifest could not be stored');
      return null;
    }
  }

  async #render(segments: string[], endedAtMs: number): Promise<string> {
    const { files, images, segments: segmented } = this.#plan;
    const fileOf = ({ index, key, backup }: File) => {
      const storage = files[index]?.storage;
      return this.#named(key, (backup && storage?.backup) || storage);
    };
    const imageOf = async ({ index, key, atMs }: Image) => {
      return { ...(await this.#named(key, images[index]?.storage)), timestamp: new Date(atMs).toISOString() };
    };
    const playlistOf = async ({ storage, playlists }: NonNullable<typeof segmented>) => {
      if (!playlists) return [];
      const { filename: _, ...where } = await this.#named(playlists.full, storage);
      return [{ ...where, segments: await Promise.all(segments.map((key) => this.#named(key, storage))) }];
    };
    const playlists = segmented ? await playlistOf(segmented) : [];
    return JSON.stringify({
      ...this.#manifest.head,
      // Nanoseconds, as LiveKit's are: a time of milliseconds has so few figures that it is written exactly.
      started_at: (this.#startedAtMs ?? 0) * 1e6,
      ended_at: endedAtMs * 1e6,
      ...(this.#files.length > 0 ? { files: await Promise.all(this.#files.map(fileOf)) } : {}),
      ...(playlists.length > 0 ? { playlists } : {}),
      ...(this.#images.size > 0 ? { images: await Promise.all([...this.#images.values()].map(imageOf)) } : {}),
    });
  }

  async #named(key: string, storage: StoragePlan | undefined) {
    if (!storage) return { filename: key };
    const url = this.#manifest.presigned ? { presigned_url: await presign(storage, key) } : {};
    return { filename: key, location: locationOf(storage, key), ...url };
  }

  /** Of a picture that is written over each time the newest counts. */
  #keep(image: Image): void {
    this.#images.set(`${image.index} ${image.key}`, image);
  }
}
