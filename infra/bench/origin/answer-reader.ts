/** What one answer came to. */
export type Answered = {
  status: number;
  /** Body bytes. */
  bytes: number;
  /** The first eight bytes of the body as float64 LE. */
  stamp: number;
  /** `X-Cache` of a cache in front; null without one. */
  cache: string | null;
};

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const STAMP_BYTES = 8;

/**
 * Reads answers with a Content-Length off one connection, one at a time, and keeps nothing of their bodies: the cheapest way to be a
 * viewer that Node offers.
 */
export class AnswerReader {
  #head = Buffer.alloc(0);
  #left = -1;
  #seen = 0;
  #answer: Answered = { status: 0, bytes: 0, stamp: 0, cache: null };
  readonly #first = Buffer.alloc(STAMP_BYTES);

  constructor(private readonly onAnswer: (answer: Answered) => void) {}

  /** Takes what came; the buffer may be used again afterwards. */
  take(chunk: Buffer): void {
    let body = chunk;
    if (this.#left < 0) {
      const held = this.#head.length > 0 ? Buffer.concat([this.#head, chunk]) : chunk;
      const end = held.indexOf(END_OF_HEAD);
      if (end < 0) {
        this.#head = Buffer.from(held);
        return;
      }
      this.#begin(held.toString('latin1', 0, end));
      this.#head = Buffer.alloc(0);
      body = held.subarray(end + END_OF_HEAD.length);
    }
    if (this.#seen < STAMP_BYTES) body.copy(this.#first, this.#seen, 0, STAMP_BYTES - this.#seen);
    this.#seen += body.length;
    this.#left -= body.length;
    if (this.#left > 0) return;
    const answer = this.#answer;
    answer.stamp = this.#first.readDoubleLE(0);
    this.#left = -1;
    this.onAnswer(answer);
  }

  #begin(head: string): void {
    const bytes = Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const cache = /\nx-cache: *(\w+)/i.exec(head)?.[1] ?? null;
    this.#answer = { status: Number(head.slice(9, 12)), bytes, stamp: 0, cache };
    this.#left = bytes;
    this.#seen = 0;
  }
}
