import type { Pen } from './draw/text.ts';
import { Sprite } from './sprite.ts';

const KEEP = 60;
/** Drawing is done between two ticks; what does not fit into this time waits for the next. */
const BUDGET_MS = 12;

/** Sprites by what is on them: each is drawn once and dropped when it has not been wanted for a while. */
export class SpriteShelf {
  readonly #sprites = new Map<string, Sprite | null>();
  readonly #onTrouble: (error: unknown) => void;
  #spentMs = 0;
  /** Sprites drawn so far. */
  drawn = 0;

  constructor(onTrouble: (error: unknown) => void) {
    this.#onTrouble = onTrouble;
  }

  /** Begins a tick: there is time for drawing again. */
  begin(): void {
    this.#spentMs = 0;
    while (this.#sprites.size > KEEP) {
      const oldest = this.#sprites.keys().next();
      if (oldest.done) return;
      this.#sprites.delete(oldest.value);
    }
  }

  /** The sprite of this key; null when it cannot be drawn, or not in this tick any more. */
  get(key: string, draw: () => Pen | null): Sprite | null {
    const known = this.#sprites.get(key);
    if (known !== undefined) {
      this.#sprites.delete(key); // put at the end: the order is that of use
      this.#sprites.set(key, known);
      return known;
    }
    if (this.#spentMs > BUDGET_MS) return null;
    const startMs = performance.now();
    const sprite = this.#draw(draw);
    this.#spentMs += performance.now() - startMs;
    this.#sprites.set(key, sprite);
    return sprite;
  }

  #draw(draw: () => Pen | null): Sprite | null {
    try {
      const pen = draw();
      if (!pen) return null;
      this.drawn++;
      return new Sprite(pen.canvas.data(), pen.canvas.width, pen.canvas.height);
    } catch (error) {
      this.#onTrouble(error);
      return null; // a picture without it is better than no picture
    }
  }
}
