import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file on its way to storage. */
export type SpoolItem = { id: number; key: string; size: number };

/** Room left free on the disk whatever the bound says. */
const RESERVE_BYTES = 256 * 1024 * 1024;

/**
 * Bounded folder for what storage has not taken yet. Full means that the oldest goes: the newest of a broadcast is what viewers ask for.
 */
export class Spool {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #items: SpoolItem[] = [];
  #next = 0;
  #bytes = 0;
  #made = false;

  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  oldest(): SpoolItem | undefined {
    return this.#items[0];
  }

  /**
   * Keeps bytes for later.
   * @returns keys that had to go to make room; the new one itself when the disk takes nothing
   */
  async put(key: string, bytes: Uint8Array): Promise<string[]> {
    const lost: string[] = [];
    while (this.#items.length > 0 && this.#bytes + bytes.length > this.#limitBytes) {
      const oldest = this.#items[0];
      if (!oldest) break;
      lost.push(oldest.key);
      await this.remove(oldest);
    }
    if (bytes.length > this.#limitBytes) return [...lost, key];
    const item = { id: this.#next++, key, size: bytes.length };
    try {
      if (!this.#made) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      this.#made = true;
      const disk = await statfs(this.#folder);
      if (disk.bavail * disk.bsize < RESERVE_BYTES + bytes.length) throw new Error('the disk is nearly full');
      await writeFile(this.#path(item), bytes, { mode: 0o600 });
    } catch {
      await rm(this.#path(item), { force: true }).catch(() => {});
      return [...lost, key];
    }
    this.#items.push(item);
    this.#bytes += item.size;
    return lost;
  }

  /** The item's bytes, or null when its file is gone or cut. */
  async read(item: SpoolItem): Promise<Buffer | null> {
    const bytes = await readFile(this.#path(item)).catch(() => null);
    return bytes && bytes.length === item.size ? bytes : null;
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

  #path(item: SpoolItem): string {
    return join(this.#folder, `${item.id}.bin`);
  }
}
