const WINDOW_MS = 3_000;
const LEAST_MS = 400;

/** Pieces a second and kbit/s over the last 3 s of an encoder's own clock, so that bursts on the network do not count. */
export class Meter {
  private readonly pieces: { atMs: number; bytes: number }[] = [];

  /** @param atMs timestamp of the encoder; one that goes back begins anew */
  add(bytes: number, atMs: number): void {
    if (atMs < (this.pieces.at(-1)?.atMs ?? atMs)) this.reset();
    this.pieces.push({ atMs, bytes });
    while (this.pieces[0] && this.pieces[0].atMs < atMs - WINDOW_MS) this.pieces.shift();
  }

  /** @returns both 0 until something of 0.4 s came */
  read(): { perSecond: number; kbps: number } {
    const spanMs = (this.pieces.at(-1)?.atMs ?? 0) - (this.pieces[0]?.atMs ?? 0);
    if (spanMs < LEAST_MS) return { perSecond: 0, kbps: 0 };
    // The last piece begins where the span ends.
    const bytes = this.pieces.slice(0, -1).reduce((sum, piece) => sum + piece.bytes, 0);
    return { perSecond: ((this.pieces.length - 1) * 1000) / spanMs, kbps: Math.round((bytes * 8) / spanMs) };
  }

  reset(): void {
    this.pieces.length = 0;
  }
}
