import type { Frame } from 'node-av';
import { type Card, drawCard } from './cards.ts';

const KEEP = 40;

/** Cards by what is on them: each is drawn once, off the tick, and freed when it has not been wanted for a while. */
export class CardShelf {
  readonly #font: string | null;
  readonly #cards = new Map<string, { frame: Frame | null; wantedAt: number }>();
  #wants = 0;
  #closed = false;
  /** Rises when a card was finished: an arrangement that lacked it can be made again. */
  version = 0;

  constructor(font: string | null) {
    this.#font = font;
  }

  /** The card's frame, or null while it is being drawn. It stays the shelf's. */
  get(card: Card): Frame | null {
    const key = JSON.stringify(card);
    const known = this.#cards.get(key);
    if (known) {
      known.wantedAt = ++this.#wants;
      return known.frame;
    }
    void this.prepare(card);
    return null;
  }

  /** Draws a card and waits for it. */
  async prepare(card: Card): Promise<Frame | null> {
    const key = JSON.stringify(card);
    const entry: { frame: Frame | null; wantedAt: number } = { frame: null, wantedAt: ++this.#wants };
    this.#cards.set(key, entry);
    const frame = await drawCard(card, this.#font).catch(() => null);
    if (this.#closed) {
      frame?.free();
      return null;
    }
    entry.frame = frame;
    this.version++;
    return frame;
  }

  /** Frees what was not wanted lately; a graph holds references of its own. */
  tidy(except: Frame | null): void {
    if (this.#cards.size <= KEEP) return;
    const oldest = [...this.#cards]
      .filter(([, card]) => card.frame && card.frame !== except)
      .sort((a, b) => a[1].wantedAt - b[1].wantedAt);
    for (const [key, card] of oldest.slice(0, this.#cards.size - KEEP / 2)) {
      card.frame?.free();
      this.#cards.delete(key);
    }
  }

  close(): void {
    this.#closed = true;
    for (const card of this.#cards.values()) card.frame?.free();
    this.#cards.clear();
  }
}
