/** Kilobits per second of a growing count of bytes, over the last seconds: a slow reader takes in steps. */
export class RateMeter {
  readonly #windowMs: number;
  #points: { atMs: number; bytes: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** @param bytes since the connection began @returns the rate over the window so far */
  note(atMs: number, bytes: number): number {
    this.#points.push({ atMs, bytes });
    const from = atMs - this.#windowMs;
    // The newest point before the window stays, as its left edge.
    while ((this.#points[1]?.atMs ?? Number.POSITIVE_INFINITY) <= from) this.#points.shift();
    const first = this.#points[0];
    if (!first || first.atMs === atMs) return 0;
    return Math.max(0, ((bytes - first.bytes) * 8) / (atMs - first.atMs));
  }
}
