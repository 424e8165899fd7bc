/** Fetched by key; null = there is no such thing. */
export type Fetch = (key: string) => Promise<Uint8Array | null>;

/** Objects that are read from the store at once. */
const MAX_FETCHES = 32;

/**
 * Stored media in memory, bounded by bytes, least recently used out first. Many who ask for one key cause one fetch, and
 * absence is remembered for a moment, so that a crowd cannot hammer the store with what is not there.
 */
export class SegmentCache {
  readonly #kept = new Map<string, Uint8Array>();
  readonly #asked = new Map<string, Promise<Uint8Array | null>>();
  readonly #absent = new Map<string, number>();
  #bytes = 0;
  readonly #fetch: Fetch;
  readonly #maxBytes: number;
  readonly #absentMs: number;
  readonly #maxFetches: number;
  readonly #queue: (() => void)[] = [];
  #fetching = 0;
  readonly #count: (what: 'hit' | 'miss' | 'shared') => void;

  constructor(
    fetch: Fetch,
    options: {
      maxBytes: number;
      maxFetches?: number;
      absentMs?: number;
      count?: (what: 'hit' | 'miss' | 'shared') => void;
    },
  ) {
    this.#fetch = fetch;
    this.#maxBytes = options.maxBytes;
    this.#maxFetches = options.maxFetches ?? MAX_FETCHES;
    this.#absentMs = options.absentMs ?? 1000;
    this.#count = options.count ?? (() => {});
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param fetch where this one comes from, if not from the store
   * @throws what the fetch throws; a failure is not remembered
   */
  async get(key: string, fetch?: Fetch): Promise<Uint8Array | null> {
    const kept = this.#kept.get(key);
    if (kept) {
      this.#count('hit');
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const absentUntil = this.#absent.get(key);
    if (!fetch && absentUntil !== undefined && absentUntil > performance.now()) return null;
    const asked = this.#asked.get(key);
    if (asked) {
      this.#count('shared');
      return asked;
    }
    this.#count('miss');
    const answer = this.#inTurn(fetch ?? this.#fetch, key)
      .then((bytes) => {
        if (bytes) this.#keep(key, bytes);
        else this.#forget(key);
        return bytes;
      })
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, answer);
    return answer;
  }

  /** A crowd that seeks everywhere at once waits in line: what is on its way is memory too. */
  async #inTurn(fetch: Fetch, key: string): Promise<Uint8Array | null> {
    if (this.#fetching >= this.#maxFetches) await new Promise<void>((resume) => this.#queue.push(resume));
    else this.#fetching++;
    try {
      return await fetch(key);
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#fetching--;
    }
  }

  #forget(key: string): void {
    if (this.#absent.size >= 10_000) this.#absent.clear();
    this.#absent.set(key, performance.now() + this.#absentMs);
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.#absent.delete(key);
    if (bytes.byteLength > this.#maxBytes / 4) return;
    this.#kept.set(key, bytes);
    this.#bytes += bytes.byteLength;
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= old.byteLength;
    }
  }
}
