import type { Again } from './again.ts';
import type { MovieSink } from './movie-writer.ts';

/** An object in the making: parts in any order and number, there is nothing to be seen before `complete`. */
export type ObjectUpload = {
  /** @param number from 1. The bytes may not be changed until it is done */
  part(number: number, bytes: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  /** Removes what was uploaded; succeeds when there is nothing. */
  abort(): Promise<void>;
};

/** The store as a sink needs it. */
export type PartStore = {
  /** A small object, whole. */
  put(bytes: Uint8Array): Promise<void>;
  begin(): Promise<ObjectUpload>;
};

export type PartSinkSettings = {
  /** All parts but the last are of this length: some stores insist on it. At least 5 MiB for S3. */
  partBytes: number;
  /** How each call of the store is repeated; not at all unless said. */
  again?: Again;
};

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
const MOST_PARTS = 10_000;
const AT_ONCE = 2;

/** Length of a part for an object of about so many bytes: S3 takes 10,000 parts. */
export function partBytesFor(expectedBytes: number): number {
  const needed = (expectedBytes * 1.25) / MOST_PARTS;
  return Math.max(PART_BYTES, Math.ceil(needed / MIB) * MIB);
}

/**
 * A movie that goes into an object store in parts while it is made. The head is known last and stands first: the parts it lies in wait
 * in memory, all others leave as soon as they are full. Holds three parts at most, whatever the length of the movie.
 */
export class PartSink implements MovieSink {
  readonly #store: PartStore;
  readonly #room: number;
  readonly #partBytes: number;
  readonly #again: Again;
  /** Number of the part being filled, from 1, and how full it is. */
  #part: number;
  #filled: number;
  #buffer: Uint8Array;
  /** The part in which the head ends and the media begins, once it is full. */
  #border: Uint8Array | null = null;
  readonly #borderPart: number;
  #upload: ObjectUpload | null = null;
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown = null;

  constructor(store: PartStore, room: number, { partBytes, again = (work) => work() }: PartSinkSettings) {
    this.#store = store;
    this.#room = room;
    this.#partBytes = partBytes;
    this.#again = again;
    this.#part = Math.floor(room / partBytes) + 1;
    this.#borderPart = this.#part;
    this.#filled = room % partBytes;
    this.#buffer = new Uint8Array(partBytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const take = Math.min(bytes.length - at, this.#partBytes - this.#filled);
      this.#buffer.set(bytes.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled === this.#partBytes) await this.#close();
    }
  }

  /** The full part leaves, unless the head lies in it. */
  async #close(): Promise<void> {
    if (this.#part === this.#borderPart) this.#border = this.#buffer;
    else await this.#send(this.#part, this.#buffer);
    this.#part++;
    this.#filled = 0;
    this.#buffer = new Uint8Array(this.#partBytes);
  }

  async finish(head: Uint8Array): Promise<void> {
    if (head.length !== this.#room)
      throw new RangeError(`a head of ${head.length} bytes where ${this.#room} were kept`);
    const last = this.#buffer.subarray(0, this.#filled);
    const border = this.#border ?? last;
    const before = (this.#borderPart - 1) * this.#partBytes;
    border.set(head.subarray(before), 0);
    if (this.#part === 1) return this.#again(() => this.#store.put(last));
    if (this.#filled > 0) await this.#send(this.#part, last);
    if (this.#border) await this.#send(this.#borderPart, this.#border);
    for (let part = 1; part < this.#borderPart; part++) {
      await this.#send(part, head.subarray((part - 1) * this.#partBytes, part * this.#partBytes));
    }
    await this.#settled();
    const upload = this.#upload;
    if (upload) await this.#again(() => upload.complete());
  }

  async abort(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#upload?.abort();
    this.#upload = null;
  }

  /** Begins an upload as soon as one of those under way is done. */
  async #send(number: number, bytes: Uint8Array): Promise<void> {
    this.#upload ??= await this.#again(() => this.#store.begin());
    const upload = this.#upload;
    while (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay);
    if (this.#failure) throw this.#failure;
    const sent = this.#again(() => upload.part(number, bytes)).catch((error) => {
      this.#failure ??= error;
    });
    this.#underWay.add(sent);
    void sent.finally(() => this.#underWay.delete(sent));
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure;
  }
}
