import { type Image, loadImage } from '@napi-rs/canvas';
import { type AddressRule, fetchPicture } from './fetch-picture.ts';
import { isDecodable, readPictureFacts } from './picture-facts.ts';

const KEEP = 24;
const AGAIN_MS = [10_000, 30_000, 120_000];

type Entry = { image: Image | null; failures: number; againAtMs: number; busy: boolean };

/** Logos and backgrounds by their address: fetched once, tried again with growing pauses when that failed. */
export class PictureShelf {
  readonly #entries = new Map<string, Entry>();
  readonly #isAllowed: AddressRule;
  readonly #onTrouble: (error: unknown) => void;

  constructor(isAllowed: AddressRule, onTrouble: (error: unknown) => void) {
    this.#isAllowed = isAllowed;
    this.#onTrouble = onTrouble;
  }

  /** The picture, or null while it is on its way or cannot be had. */
  get(url: string, nowMs: number): Image | null {
    let entry = this.#entries.get(url);
    if (!entry) {
      if (this.#entries.size >= KEEP) this.#entries.delete(this.#entries.keys().next().value ?? '');
      entry = { image: null, failures: 0, againAtMs: nowMs, busy: false };
      this.#entries.set(url, entry);
    }
    if (!entry.image && !entry.busy && nowMs >= entry.againAtMs) void this.#load(url, entry, nowMs);
    return entry.image;
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    while ([...this.#entries.values()].some(({ busy }) => busy))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async #load(url: string, entry: Entry, nowMs: number): Promise<void> {
    entry.busy = true;
    try {
      const bytes = await fetchPicture(url, this.#isAllowed);
      const facts = readPictureFacts(bytes);
      if (!facts) throw new Error('it is no PNG, JPEG or WebP picture');
      if (!isDecodable(facts)) throw new Error(`it is too large: ${facts.width} × ${facts.height} pixels`);
      entry.image = await loadImage(bytes);
    } catch (error) {
      entry.againAtMs = nowMs + (AGAIN_MS[Math.min(entry.failures, AGAIN_MS.length - 1)] ?? 0);
      entry.failures++;
      const reason = error instanceof Error ? error.message : String(error);
      this.#onTrouble(new Error(`the picture at ${hostOf(url)} cannot be shown: ${reason}`));
    } finally {
      entry.busy = false;
    }
  }
}

/** Addresses may hold secrets in their query: the host alone is named. */
function hostOf(url: string): string {
  return url.startsWith('data:') ? 'a data URL' : URL.canParse(url) ? new URL(url).host : 'an address';
}
