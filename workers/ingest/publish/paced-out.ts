/** So much goes out in one turn, bytes: some fifty datagrams, which every socket buffer on the way holds. */
const TURN_BYTES = 64 * 1024;
const TURN_MS = 4;

type Picture = { data: Buffer; ptsMs: number; isKey: boolean };

/** Lets pictures through as they come, but a burst of them turn by turn: datagrams that overflow a socket's buffer are lost. */
export class PacedOut {
  private waiting: Picture[] = [];
  private timer: NodeJS.Timeout | null = null;
  private isFilling = false;

  constructor(private readonly write: (data: Buffer, ptsMs: number, isKey: boolean) => void) {}

  /** At once, or behind the burst under way; a key frame makes what waits superfluous. */
  push(data: Buffer, ptsMs: number, isKey: boolean): void {
    if (!this.isFilling && isKey) this.clear();
    if (this.isFilling || this.timer !== null) this.waiting.push({ data, ptsMs, isKey });
    else this.write(data, ptsMs, isKey);
  }

  /** @param fill pushes the burst; one that comes while another is under way is left out */
  burst(fill: () => void): void {
    if (this.timer !== null) return;
    this.isFilling = true;
    fill();
    this.isFilling = false;
    this.drain();
  }

  /** What waits is for nobody any more. */
  clear(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
  }

  private drain(): void {
    this.timer = null;
    for (let sent = 0; sent < TURN_BYTES; ) {
      const next = this.waiting.shift();
      if (!next) return;
      sent += next.data.length;
      this.write(next.data, next.ptsMs, next.isKey);
    }
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.drain(), TURN_MS);
  }
}
