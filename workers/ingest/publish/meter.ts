const WINDOW_MS = 3_000;

/** Counts what came in the last 3 s: pieces a second and kbit/s. */
export class Meter {
  private readonly pieces: { atMs: number; bytes: number }[] = [];
  private firstAtMs: number | null = null;

  add(bytes: number, atMs: number): void {
    this.firstAtMs ??= atMs;
    this.pieces.push({ atMs, bytes });
    this.trim(atMs);
  }

  /** @returns both 0 until something came and half a second has passed */
  read(nowMs: number): { perSecond: number; kbps: number } {
    this.trim(nowMs);
    const spanMs = Math.min(WINDOW_MS, nowMs - (this.firstAtMs ?? nowMs));
    if (spanMs < 500) return { perSecond: 0, kbps: 0 };
    const bytes = this.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    return { perSecond: (this.pieces.length * 1000) / spanMs, kbps: Math.round((bytes * 8) / spanMs) };
  }

  reset(): void {
    this.pieces.length = 0;
    this.firstAtMs = null;
  }

  private trim(nowMs: number): void {
    while (this.pieces[0] && this.pieces[0].atMs < nowMs - WINDOW_MS) this.pieces.shift();
  }
}
