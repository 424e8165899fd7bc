import { tmpdir } from 'node:os';
import type { Logger } from 'pino';
import { SPOOL_PURPOSE, type SpoolNote, spoolFolderOf } from '../../late-upload.ts';
import type { StoragePlan } from '../../plan.ts';
import { seal } from '../../sealed.ts';
import { NoteFile } from './note-file.ts';
import { Spool } from './spool.ts';
import { type Bucket, Storage } from './storage.ts';
import { readTsPlaylist, renderTsPlaylist, type TsRow } from './ts-playlist.ts';

export type TsPlan = {
  egressId: string;
  /** Folder and beginning of each segment's name. */
  prefix: string;
  suffix: 'index' | 'timestamp';
  segmentS: number;
  playlists: { full: string; live: string | null } | null;
  storage: StoragePlan;
  spoolFolder?: string;
  livekit: { apiSecret: string };
};

/** A segment as the packager closes it. */
type Segment = { bytes: Buffer; durationS: number; startMs: number };

const SPOOL_BYTES = 512 * 1024 * 1024;
/** After the end; what takes longer is stored behind it, from the spool. */
const DRAIN_MS = 12_000;
const LAST_DRAIN_MS = 3_000;
/** What the live playlist holds: this long, and never fewer than LiveKit's five segments. */
const LIVE_WINDOW_S = 30;
const LIVE_SEGMENTS = 5;
const READ_TRIES = 3;

/** A segment was closed; storage took it, or it is lost for ever. */
type Note = { row: TsRow; bytes: number } | { settled: string; lost: boolean };

/**
 * TS segments and their playlists in storage, for plain LiveKit requests. A playlist names a segment once it is stored, in order; one
 * that is lost becomes a gap. A restarted engine goes on with the next number behind a discontinuity: by the notes of the one before it, and on
 * another machine by the playlist.
 */
export class TsOutput {
  readonly totals = { count: 0, bytes: 0, durationMs: 0 };
  onFirstSegment: () => void = () => {};
  readonly #plan: TsPlan;
  readonly #storage: Storage;
  readonly #notes: NoteFile<Note>;
  readonly #startedMs: number;
  readonly #rows: TsRow[];
  readonly #settled = new Set<string>();
  #listed = 0;
  #first = true;
  #ended = false;

  private constructor(plan: TsPlan, storage: Storage, notes: NoteFile<Note>, rows: TsRow[], startedMs: number) {
    this.#plan = plan;
    this.#storage = storage;
    this.#notes = notes;
    this.#rows = rows;
    this.#startedMs = startedMs;
    this.totals.count = rows.length;
    this.totals.durationMs = rows.reduce((sum, { durationS }) => sum + Math.round(durationS * 1000), 0);
  }

  /**
   * Reads what the same egress wrote before.
   * @param startedMs wall clock of media time 0
   */
  static async open(plan: TsPlan, startedMs: number, bucket: Bucket, log: Logger): Promise<TsOutput> {
    let output: TsOutput | null = null;
    const note: SpoolNote = { egressId: plan.egressId, playbackId: null, storage: plan.storage };
    const folder = spoolFolderOf(plan.spoolFolder ?? tmpdir(), `${plan.egressId}-ts`);
    const spool = new Spool(folder, SPOOL_BYTES, seal(plan.livekit.apiSecret, SPOOL_PURPOSE, note));
    const { notes, earlier } = await NoteFile.open<Note>(plan.spoolFolder, 'ts', plan.egressId);
    // Without notes it is numbered on from the playlist: what a dead process had not listed would lie over our segments.
    if (earlier.length === 0) await spool.clear();
    const told = {
      onStored: (key: string) => output?.settle(key, false),
      onLost: (key: string) => output?.settle(key, true),
    };
    const storage = new Storage(bucket, spool, told, log);
    const noted = earlier.flatMap((note) => ('row' in note ? [note.row] : []));
    const listed = plan.playlists ? await readEarlier(storage, plan.playlists.full, plan.egressId, log) : [];
    // The longer one is right: a full disk takes no notes, a storage that is away no list.
    const isListed = listed.length > noted.length;
    output = new TsOutput(plan, storage, notes, isListed ? listed : noted, startedMs);
    await output.#goOn(earlier, isListed);
    return output;
  }

  /** What became of the earlier segments: stored, lost, still in the spool; what was in a dead process's memory alone is lost. */
  async #goOn(earlier: readonly Note[], isListed: boolean): Promise<void> {
    const fates = new Map(earlier.flatMap((note) => ('settled' in note ? [[note.settled, note.lost] as const] : [])));
    for (const note of earlier) if ('row' in note) this.totals.bytes += note.bytes;
    const spooled = earlier.length > 0 ? await this.#storage.adopt() : new Set<string>();
    for (const row of this.#rows) {
      if (spooled.has(row.key)) continue;
      row.gap = fates.get(row.key) ?? (row.gap || !isListed);
      this.#settled.add(row.key);
    }
    this.#list();
  }

  segment({ bytes, durationS, startMs }: Segment): void {
    const wallMs = Math.round(this.#startedMs + startMs);
    const key = this.#nameOf(this.#rows.length, wallMs);
    const discontinuity = this.#first && this.#rows.length > 0;
    const row = { key, durationS, wallMs, discontinuity, gap: false };
    this.#rows.push(row);
    this.#notes.add({ row, bytes: bytes.length });
    this.#storage.put(key, bytes);
    this.totals.count++;
    this.totals.bytes += bytes.length;
    this.totals.durationMs += Math.round(durationS * 1000);
    if (this.#first) this.onFirstSegment();
    this.#first = false;
  }

  /** Keys of the segments that were stored or will be, in order. */
  get keys(): string[] {
    return this.#rows.filter(({ gap }) => !gap).map(({ key }) => key);
  }

  /** Everything stored (at most 15 s), then both playlists with their end mark. */
  async end(): Promise<void> {
    const stored = await this.#storage.drain(DRAIN_MS);
    this.#ended = true;
    this.#writePlaylists();
    await this.#storage.drain(stored ? LAST_DRAIN_MS : 0);
    await this.#storage.close('ended');
    await this.#notes.drop();
  }

  /** For a successor: what is on its way is given `limitMs`. */
  async leave(limitMs: number): Promise<void> {
    await this.#storage.drain(limitMs);
    await this.#storage.close('lost');
    await this.#notes.flush();
  }

  /** Called when the fate of an upload is known. */
  settle(key: string, lost: boolean): void {
    const row = this.#rows.findLast((one) => one.key === key);
    if (row) row.gap = lost;
    this.#notes.add({ settled: key, lost });
    this.#settled.add(key);
    if (this.#list()) this.#writePlaylists();
  }

  /** @returns true when the list grew */
  #list(): boolean {
    const before = this.#listed;
    for (let next = this.#rows[this.#listed]; next && this.#settled.delete(next.key); )
      next = this.#rows[++this.#listed];
    return this.#listed > before;
  }

  #writePlaylists(): void {
    const { playlists, egressId, segmentS } = this.#plan;
    if (!playlists) return;
    // After the end everything is listed: what storage has not taken yet it gets from the spool.
    const rows = this.#ended ? this.#rows : this.#rows.slice(0, this.#listed);
    const common = { egressId, segmentS, ended: this.#ended };
    const hours = Math.floor((rows.length * segmentS) / 3600);
    // The whole list grows: of a long show it is written more rarely, as LiveKit does.
    if (this.#ended || rows.length % (hours + 1) === 0) {
      const text = renderTsPlaylist(rows, { ...common, key: playlists.full, from: 0, event: true });
      this.#storage.replace(playlists.full, Buffer.from(text));
    }
    if (!playlists.live) return;
    const wanted = Math.max(LIVE_SEGMENTS, Math.ceil(LIVE_WINDOW_S / segmentS));
    const from = Math.max(0, rows.length - wanted);
    const text = renderTsPlaylist(rows, { ...common, key: playlists.live, from, event: false });
    this.#storage.replace(playlists.live, Buffer.from(text));
  }

  #nameOf(index: number, wallMs: number): string {
    const { prefix, suffix } = this.#plan;
    const end = suffix === 'index' ? String(index).padStart(5, '0') : new Date(wallMs).toISOString().replace(/\D/g, '');
    return `${prefix}_${end}.ts`;
  }
}

async function readEarlier(storage: Storage, key: string, egressId: string, log: Logger): Promise<TsRow[]> {
  for (let tries = 1; ; tries++) {
    try {
      const bytes = await storage.get(key);
      return bytes ? readTsPlaylist(bytes.toString(), key, egressId) : [];
    } catch (error) {
      if (tries < READ_TRIES) continue;
      log.warn({ err: String(error) }, 'no earlier playlist could be read, segments are numbered from 0');
      return [];
    }
  }
}
