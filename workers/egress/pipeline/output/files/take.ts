import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Room left free on the disk whatever a show is long. */
const RESERVE_BYTES = 256 * 1024 * 1024;
const LOOK_EVERY_BYTES = 16 * 1024 * 1024;
/** Bytes that may wait for the disk; a disk that is further behind is not going to catch up. */
const MOST_WAITING = 32 * 1024 * 1024;
const NOTE = 'take.json';
const FOLDER = 'openair-take-';
/** A take whose file could not be stored is there for a person to fetch, for this long. */
const KEEP_MS = 7 * 24 * 3_600_000;

/**
 * What is recorded for the files of one egress, on the worker's disk: one growing file a track and process. A restarted process goes on
 * with files of the next epoch, so nothing that was written is lost, and a file is made of all of them at the end. On disk and not in
 * storage, since a request's credentials need not allow reading.
 */
export class Take {
  readonly folder: string;
  /** Wall clock of media time 0, of the first process. */
  readonly startedAtMs: number;
  /** From 1; above it, earlier processes wrote. */
  readonly epoch: number;
  /** When the earlier process wrote its last bytes; null at a first start. */
  readonly lastWriteMs: number | null;
  /** What earlier processes wrote. */
  readonly #earlierBytes: number;
  readonly #appenders: Appender[] = [];

  private constructor(folder: string, startedAtMs: number, earlier: Earlier) {
    this.folder = folder;
    this.startedAtMs = startedAtMs;
    this.epoch = earlier.epochs + 1;
    this.lastWriteMs = earlier.lastWriteMs;
    this.#earlierBytes = earlier.bytes;
  }

  static async open(egressId: string, spoolFolder: string | undefined, nowMs: number): Promise<Take> {
    const root = spoolFolder ?? tmpdir();
    await sweep(root, nowMs).catch(() => {});
    const folder = join(root, `${FOLDER}${egressId}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const startedAtMs = await readNote(join(folder, NOTE));
    if (startedAtMs !== null) return new Take(folder, startedAtMs, await readEarlier(folder));
    await writeFile(join(folder, NOTE), JSON.stringify({ startedAtMs: nowMs }), { mode: 0o600 });
    return new Take(folder, nowMs, { epochs: 0, lastWriteMs: null, bytes: 0 });
  }

  /** A new file of this epoch. @param onFull told once when the disk takes no more: what was written stays */
  append(track: string, onFull: (error: unknown) => void): Appender {
    const appender = new Appender(join(this.folder, `${track}-${this.epoch}.part`), this.folder, onFull);
    this.#appenders.push(appender);
    return appender;
  }

  /** Written so far, by all processes. */
  get bytes(): number {
    return this.#appenders.reduce((sum, { bytes }) => sum + bytes, this.#earlierBytes);
  }

  /** Paths of a track's files, oldest first. */
  async files(track: string): Promise<string[]> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith(`${track}-`) && EPOCH.test(name));
    return names.sort((a, b) => epochOf(a) - epochOf(b)).map((name) => join(this.folder, name));
  }

  /** Brings everything to disk and closes it; the take stays. */
  async close(): Promise<void> {
    await Promise.all(this.#appenders.map((appender) => appender.close()));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

type Earlier = { epochs: number; lastWriteMs: number | null; bytes: number };

/** When the first process began; null without one, or when it was killed while it wrote the note: then it wrote nothing else. */
async function readNote(path: string): Promise<number | null> {
  try {
    const { startedAtMs } = JSON.parse(await readFile(path, 'utf8'));
    return Number.isFinite(startedAtMs) ? startedAtMs : null;
  } catch {
    return null;
  }
}

async function readEarlier(folder: string): Promise<Earlier> {
  const earlier: Earlier = { epochs: 0, lastWriteMs: null, bytes: 0 };
  for (const name of (await readdir(folder)).filter((one) => EPOCH.test(one))) {
    const { mtimeMs, size } = await stat(join(folder, name));
    earlier.epochs = Math.max(earlier.epochs, epochOf(name));
    earlier.lastWriteMs = Math.max(earlier.lastWriteMs ?? 0, mtimeMs);
    earlier.bytes += size;
  }
  return earlier;
}

async function sweep(root: string, nowMs: number): Promise<void> {
  for (const name of (await readdir(root)).filter((one) => one.startsWith(FOLDER))) {
    const { mtimeMs } = await stat(join(root, name));
    if (nowMs - mtimeMs > KEEP_MS) await rm(join(root, name), { recursive: true, force: true });
  }
}

const EPOCH = /-(\d+)\.part$/;
const epochOf = (name: string) => Number(EPOCH.exec(name)?.[1] ?? 0);

/** Appends to one file without making anybody wait. */
export class Appender {
  readonly #path: string;
  readonly #folder: string;
  readonly #onFull: (error: unknown) => void;
  #file: FileHandle | null = null;
  /** Taken so far. */
  bytes = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sinceLook = LOOK_EVERY_BYTES;
  #work: Promise<void> | null = null;
  #stopped = false;

  constructor(path: string, folder: string, onFull: (error: unknown) => void) {
    this.#path = path;
    this.#folder = folder;
    this.#onFull = onFull;
  }

  write(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.bytes += bytes.length;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MOST_WAITING) return this.#stop(new Error('the disk is too slow'));
    this.#work ??= this.#pump();
  }

  async close(): Promise<void> {
    await this.#work;
    this.#stopped = true;
    await this.#file?.close();
    this.#file = null;
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped) {
      const bytes = Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        this.#file ??= await open(this.#path, 'a', 0o600);
        await this.#look(bytes.length);
        await this.#file.appendFile(bytes);
      } catch (error) {
        this.#stop(error);
      }
    }
    // In the same breath as the last look at what waits: what comes now begins a pump of its own.
    this.#work = null;
  }

  async #look(bytes: number): Promise<void> {
    this.#sinceLook += bytes;
    if (this.#sinceLook < LOOK_EVERY_BYTES) return;
    this.#sinceLook = 0;
    const disk = await statfs(this.#folder);
    if (disk.bavail * disk.bsize < RESERVE_BYTES) throw new Error('the disk is nearly full');
  }

  #stop(error: unknown): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#onFull(error);
  }
}
