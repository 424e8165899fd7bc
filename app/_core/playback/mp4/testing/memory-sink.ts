import type { MovieSink } from '../movie-writer.ts';
import { join } from '../write-boxes.ts';

/** A sink in memory; `file` is there once it is finished. */
export class MemorySink implements MovieSink {
  readonly #media: Uint8Array[] = [];
  file: Uint8Array | null = null;
  aborted = false;

  async write(bytes: Uint8Array): Promise<void> {
    this.#media.push(bytes.slice());
  }

  async finish(head: Uint8Array): Promise<void> {
    this.file = join([head, ...this.#media]);
  }

  async abort(): Promise<void> {
    this.aborted = true;
  }
}
