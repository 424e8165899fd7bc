/** What one socket may ask for, refilled evenly. Guards the database from one page; needs no store of its own. */
export class Budget {
  #left: number;
  #atMs: number;
  readonly #most: number;
  readonly #perSecond: number;

  constructor(most: number, perSecond: number, nowMs: number) {
    this.#most = most;
    this.#perSecond = perSecond;
    this.#left = most;
    this.#atMs = nowMs;
  }

  /** Takes one. @returns 0 when it was there, else milliseconds until it will be */
  take(nowMs: number): number {
    this.#left = Math.min(this.#most, this.#left + (Math.max(0, nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    if (this.#left >= 1) {
      this.#left -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#left) / this.#perSecond) * 1000);
  }
}
