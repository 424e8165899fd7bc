import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Notes of egresses that nobody finished are there for a person to look at, for this long. */
const KEEP_MS = 7 * 24 * 3_600_000;

/**
 * What a process of an egress tells the one after it by this machine's disk, whatever storage and Redis are like: one JSON line a note. It
 * makes nobody wait; a disk that takes none costs the next process its memory, and nothing else.
 */
export class NoteFile<Note> {
  readonly #path: string;
  #writing = Promise.resolve();

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * @param folder the system's temporary one when absent
   * @param kind tells notes of one use from others
   * @returns what earlier processes of the egress noted, in order
   */
  static async open<Note>(
    folder: string | undefined,
    kind: string,
    egressId: string,
  ): Promise<{ notes: NoteFile<Note>; earlier: Note[] }> {
    const root = folder ?? tmpdir();
    const prefix = `openair-${kind}-`;
    await sweep(root, prefix).catch(() => {});
    const path = join(root, `${prefix}${egressId}.jsonl`);
    return { notes: new NoteFile<Note>(path), earlier: await read<Note>(path) };
  }

  add(note: Note): void {
    const line = `${JSON.stringify(note)}\n`;
    this.#writing = this.#writing.then(() => appendFile(this.#path, line, { mode: 0o600 }).catch(() => {}));
  }

  /** Resolves when all is on disk that can be. */
  flush(): Promise<void> {
    return this.#writing;
  }

  /** Nobody needs them any more. */
  async drop(): Promise<void> {
    await this.#writing;
    await rm(this.#path, { force: true }).catch(() => {});
  }
}

async function read<Note>(path: string): Promise<Note[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line): Note[] => {
    try {
      return line === '' ? [] : [JSON.parse(line)];
    } catch {
      return []; // the last line of a process that was killed while it wrote
    }
  });
}

async function sweep(root: string, prefix: string): Promise<void> {
  for (const name of (await readdir(root)).filter((one) => one.startsWith(prefix) && one.endsWith('.jsonl'))) {
    const { mtimeMs } = await stat(join(root, name));
    if (Date.now() - mtimeMs > KEEP_MS) await rm(join(root, name), { force: true });
  }
}
