import type { LiveLine } from './live-line.ts';
import { type Mark, makeMark } from './package/event-message.ts';

/** Events of a show, written where players find them at the instant they happened. */
export class Marks {
  #waiting: Mark[] = [];
  #count = 0;
  #last = '';
  #live: LiveLine | null = null;

  /**
   * The same one twice in a row is written once.
   * @param kind a word: `scene`, `layout`, `marker`
   * @param data plain JSON, at most 8 kB
   */
  add(kind: string, data: unknown): void {
    const text = `${kind} ${JSON.stringify(data)}`;
    if (text === this.#last) return;
    this.#last = text;
    const mark = makeMark(++this.#count, kind, data);
    if (this.#live) this.#live.mark(mark);
    else this.#waiting.push(mark);
  }

  /** There are segments now: what happened before is written too. Without them nothing is. */
  begin(live: LiveLine): void {
    this.#live = live;
    for (const mark of this.#waiting.splice(0)) live.mark(mark);
  }
}
