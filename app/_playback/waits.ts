/**
 * Waits that many share: all who wait for the same thing hold one promise and one timer.
 * The keeper calls `look` whenever something changed.
 */
export class Waits {
  readonly #open = new Map<string, { isOver(): boolean; settle(over: boolean): void; promise: Promise<boolean> }>();

  get size(): number {
    return this.#open.size;
  }

  /**
   * Waits until `isOver` is true.
   * @param key same key, same wait
   * @returns false when `limitMs` passed first, or everything was given up
   */
  until(key: string, isOver: () => boolean, limitMs: number): Promise<boolean> {
    if (isOver()) return Promise.resolve(true);
    const known = this.#open.get(key);
    if (known) return known.promise;
    let settle: (over: boolean) => void = () => {};
    const promise = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => settle(false), limitMs);
      timer.unref();
      settle = (over) => {
        clearTimeout(timer);
        this.#open.delete(key);
        resolve(over);
      };
    });
    this.#open.set(key, { isOver, settle, promise });
    return promise;
  }

  /** Wakes those whose wait is over. */
  look(): void {
    for (const wait of this.#open.values()) if (wait.isOver()) wait.settle(true);
  }

  /** Sends everyone away. */
  giveUp(): void {
    for (const wait of this.#open.values()) wait.settle(false);
  }
}
