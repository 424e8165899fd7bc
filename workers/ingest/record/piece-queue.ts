import type { Piece } from './track-pieces.ts';

/** `closed`: the recording was finished without us; nothing more of it is taken. */
export type StoreAnswer = 'stored' | 'closed';

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 5_000;

/** Bytes that all recordings of this worker may hold while storage is away: the live path needs the rest. */
export class HeldBytes {
  private held = 0;

  constructor(private readonly most: number) {}

  take(bytes: number): boolean {
    if (this.held + bytes > this.most) return false;
    this.held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }
}

/** Stores the pieces of one recording in order, each until it is taken. Storage that is away costs memory up to a limit, and nothing else. */
export class PieceQueue {
  private waiting: Piece[] = [];
  private isRunning = false;
  private isClosed = false;
  private timer: { stop(): void } | null = null;
  private readonly idle: (() => void)[] = [];
  /** When the oldest piece was first sent, ms of `performance`; null while none waits. */
  private triedAtMs: number | null = null;

  constructor(
    private readonly deps: {
      /** Throws when it was not taken and is to be tried again. */
      store(piece: Piece): Promise<StoreAnswer>;
      held: HeldBytes;
      onStored(piece: Piece): void;
      onFailure(error: unknown, attempt: number): void;
      /** Of pieces that will not be stored any more. */
      onClosed(lost: Piece[]): void;
      firstPauseMs?: number;
    },
  ) {}

  /** @returns false when there is no room for it */
  offer(piece: Piece): boolean {
    if (this.isClosed || !this.take(piece)) return false;
    this.waiting.push(piece);
    if (!this.isRunning) void this.run();
    return true;
  }

  /** How long the oldest piece has not been taken, ms. */
  get waitsMs(): number {
    return this.triedAtMs === null ? 0 : performance.now() - this.triedAtMs;
  }

  /** Resolves when everything is stored, or will not be. */
  settled(): Promise<void> {
    return this.isRunning ? new Promise((resolve) => this.idle.push(resolve)) : Promise.resolve();
  }

  /** What waits is given up. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const lost = this.waiting.splice(0);
    for (const piece of lost) this.give(piece);
    this.timer?.stop();
    this.deps.onClosed(lost);
  }

  /** Headers are small, and without one everything behind it is lost: there is always room for them. */
  private take({ samples, body }: Piece): boolean {
    return samples === 0 || this.deps.held.take(body.length);
  }

  private give({ samples, body }: Piece): void {
    if (samples > 0) this.deps.held.give(body.length);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    const { firstPauseMs = FIRST_PAUSE_MS } = this.deps;
    let attempt = 0;
    for (let piece = this.waiting[0]; piece; piece = this.waiting[0]) {
      this.triedAtMs ??= performance.now();
      try {
        const answer = await this.deps.store(piece);
        if (answer === 'closed') this.close();
        if (this.isClosed) break;
        this.waiting.shift();
        this.triedAtMs = null;
        this.give(piece);
        this.deps.onStored(piece);
        attempt = 0;
      } catch (error) {
        attempt += 1;
        this.deps.onFailure(error, attempt);
        if (!this.isClosed) await this.pause(Math.min(firstPauseMs * 2 ** (attempt - 1), MAX_PAUSE_MS));
      }
    }
    this.isRunning = false;
    this.triedAtMs = null;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = () => {
        clearTimeout(timer);
        this.timer = null;
        resolve();
      };
      const timer = setTimeout(stop, ms);
      this.timer = { stop };
    });
  }
}
