import { mkdir, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SPOOL_NOTE } from '../../late-upload.ts';

/**
 * A file on its way to storage. `changing`: an object of which only the newest state counts. `epoch`: of the feed's writer that made it,
 * 0 = of none.
 */
export type SpoolItem = { name: string; key: string; size: number; changing: boolean; epoch: number };

/** Room left free on the disk whatever the bound says. */
const RESERVE_BYTES = 256 * 1024 * 1024;
const ENDING = '.obj';
const LENGTH_BYTES = 4;
const MAX_HEAD_BYTES = 4096;

/**
 * Bounded folder for what storage has not taken yet. Full means that the oldest goes: the newest of a broadcast is what viewers ask
 * for. Named by its egress, and each file tells its key, so that a successor finds what a dead process left.
 */
export class Spool {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #note: Buffer | null;
  readonly #items: SpoolItem[] = [];
  #next = 0;
  #bytes = 0;
  #made = false;

  constructor(folder: string, limitBytes: number, note: Buffer | null = null) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    this.#note = note;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  keys(): string[] {
    return this.#items.map(({ key }) => key);
  }

  oldest(): SpoolItem | undefined {
    return this.#items[0];
  }

  /** Takes over what lies in the folder and is not known yet, oldest first; half-written files go. */
  async adopt(): Promise<number> {
    const known = new Set(this.#items.map(({ name }) => name));
    const names = await readdir(this.#folder).catch(() => []);
    let found = 0;
    for (const name of names.sort()) {
      if (!name.endsWith(ENDING) || known.has(name)) continue;
      const item = await this.#readHead(name);
      if (item) this.#add(item);
      else await rm(join(this.#folder, name), { force: true }).catch(() => {});
      found += item ? 1 : 0;
    }
    this.#items.sort((a, b) => (a.name < b.name ? -1 : 1));
    return found;
  }

  /**
   * Keeps bytes for later.
   * @returns keys that had to go to make room; the new one itself when the disk takes nothing
   */
  async put(
    key: string,
    bytes: Uint8Array,
    { changing = false, epoch = 0 }: { changing?: boolean; epoch?: number } = {},
  ): Promise<string[]> {
    const lost: string[] = [];
    const older = changing ? this.#items.find((item) => item.key === key) : undefined;
    if (older) await this.remove(older);
    while (this.#items.length > 0 && this.#bytes + bytes.length > this.#limitBytes) {
      const oldest = this.#items[0];
      if (!oldest) break;
      lost.push(oldest.key);
      await this.remove(oldest);
    }
    if (bytes.length > this.#limitBytes) return [...lost, key];
    const order = `${String(Date.now()).padStart(15, '0')}-${String(this.#next++).padStart(9, '0')}`;
    const item = { name: `${order}-${process.pid}${ENDING}`, key, size: bytes.length, changing, epoch };
    const unfinished = this.#path(item).replace(ENDING, '.tmp');
    try {
      await this.#make();
      const disk = await statfs(this.#folder);
      if (disk.bavail * disk.bsize < RESERVE_BYTES + bytes.length) throw new Error('the disk is nearly full');
      const head = Buffer.from(JSON.stringify({ key, size: item.size, changing, epoch }));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(head.length);
      await writeFile(unfinished, Buffer.concat([length, head, bytes]), { mode: 0o600 });
      await rename(unfinished, this.#path(item));
    } catch {
      await rm(unfinished, { force: true }).catch(() => {});
      return [...lost, key];
    }
    this.#add(item);
    return lost;
  }

  /** The item's bytes, or null when its file is gone or cut. */
  async read(item: SpoolItem): Promise<Buffer | null> {
    const all = await readFile(this.#path(item)).catch(() => null);
    if (!all || all.length < LENGTH_BYTES) return null;
    const bytes = all.subarray(LENGTH_BYTES + all.readUInt32BE());
    return bytes.length === item.size ? bytes : null;
  }

  async remove(item: SpoolItem): Promise<void> {
    const at = this.#items.indexOf(item);
    if (at < 0) return;
    this.#items.splice(at, 1);
    this.#bytes -= item.size;
    await rm(this.#path(item), { force: true }).catch(() => {});
  }

  async clear(): Promise<void> {
    this.#items.length = 0;
    this.#bytes = 0;
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  #add(item: SpoolItem): void {
    this.#items.push(item);
    this.#bytes += item.size;
  }

  async #make(): Promise<void> {
    if (this.#made) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if (this.#note) await writeFile(join(this.#folder, SPOOL_NOTE), this.#note, { mode: 0o600 });
    this.#made = true;
  }

  async #readHead(name: string): Promise<SpoolItem | null> {
    const file = await open(join(this.#folder, name)).catch(() => null);
    if (!file) return null;
    try {
      const start = Buffer.alloc(LENGTH_BYTES + MAX_HEAD_BYTES);
      const { bytesRead } = await file.read(start, 0, start.length, 0);
      const length = start.readUInt32BE();
      if (length > MAX_HEAD_BYTES || LENGTH_BYTES + length > bytesRead) return null;
      const head = JSON.parse(start.subarray(LENGTH_BYTES, LENGTH_BYTES + length).toString());
      if (typeof head.key !== 'string' || !Number.isInteger(head.size)) return null;
      const epoch = Number.isInteger(head.epoch) ? head.epoch : 0;
      return { name, key: head.key, size: head.size, changing: head.changing === true, epoch };
    } catch {
      return null;
    } finally {
      await file.close();
    }
  }

  #path(item: SpoolItem): string {
    return join(this.#folder, item.name);
  }
}
