import type { ServerResponse } from 'node:http';

/**
 * Stored media that answers are still sending, counted once a buffer however many take it. What clients are slow to take stays in
 * memory beyond the cache's bound: this is the bound of that.
 */
export class LentMedia {
  readonly #lent = new Map<Uint8Array, number>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Lends a buffer to an answer until that is sent or its client is gone.
   * @returns false when too much is lent already; the answer must then not hold the buffer
   */
  lend(bytes: Uint8Array, response: ServerResponse): boolean {
    const takers = this.#lent.get(bytes) ?? 0;
    if (takers === 0 && this.#bytes + bytes.byteLength > this.maxBytes) return false;
    if (takers === 0) this.#bytes += bytes.byteLength;
    this.#lent.set(bytes, takers + 1);
    response.once('close', () => this.#giveBack(bytes));
    return true;
  }

  #giveBack(bytes: Uint8Array): void {
    const takers = (this.#lent.get(bytes) ?? 0) - 1;
    if (takers > 0) this.#lent.set(bytes, takers);
    else if (this.#lent.delete(bytes)) this.#bytes -= bytes.byteLength;
  }
}
