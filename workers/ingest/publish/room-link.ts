import { setTimeout as wait } from 'node:timers/promises';
import { WhipOut } from './whip-out.ts';
import type { ChildMessage } from './wire.ts';

/**
 * Between joining, the first sound and the first picture. livekit-server stores a participant at each of the three at the same time and
 * without order: at once, a list of the room's people may lack a track until the next change.
 */
const SETTLE_MS = 70;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8_000;
/** RTP timestamps of media that came before the connection stood must not be negative, ms. */
const CLOCK_START_MS = 10_000;

/**
 * Keeps one connection into the room as long as it lives: connects, and when the connection breaks connects anew with back-off. The
 * output clock runs through. What is written while there is no connection is dropped: live media has no use later.
 */
export class RoomLink {
  private out: WhipOut | null = null;
  private takesPicture = false;
  private isClosed = false;
  private retryMs = FIRST_RETRY_MS;
  private retryTimer: NodeJS.Timeout | null = null;
  private readonly zeroMs = performance.now() - CLOCK_START_MS;

  constructor(
    private readonly options: {
      url: string;
      requestToken(): Promise<string>;
      say(message: ChildMessage): void;
      /** The connection stands: send what a new subscriber needs first. */
      onConnected(): void;
      /** A subscriber cannot show the picture without a key frame. */
      onKeyRequest(): void;
      open?: typeof WhipOut.open;
    },
  ) {}

  /** Output clock, ms. */
  nowMs(): number {
    return performance.now() - this.zeroMs;
  }

  isConnected(): boolean {
    return this.out !== null;
  }

  async connect(): Promise<void> {
    if (this.isClosed || this.out !== null) return;
    this.options.say({ say: 'room', state: 'connecting', detail: '' });
    try {
      const token = await this.options.requestToken();
      const out = await (this.options.open ?? WhipOut.open)(this.options.url, token, {
        onKeyRequest: () => {
          if (this.takesPicture) this.options.onKeyRequest();
        },
        onEnded: () => this.lose('LiveKit ended the connection'),
      });
      await wait(SETTLE_MS);
      if (this.isClosed) {
        await out.close();
        return;
      }
      this.out = out;
      await wait(SETTLE_MS);
      // Lost or closed meanwhile: whoever did it goes on from there.
      if (this.out !== out) return;
      this.takesPicture = true;
      this.retryMs = FIRST_RETRY_MS;
      this.options.say({ say: 'room', state: 'connected', detail: '' });
      this.options.onConnected();
    } catch (error) {
      this.later(error instanceof Error ? error.message : String(error));
    }
  }

  writeVideo(data: Buffer, ptsMs: number, isKey: boolean): void {
    if (this.takesPicture) this.attempt((out) => out.writeVideo(data, ptsMs, isKey));
  }

  writeOpus(data: Buffer, ptsSamples: number): void {
    this.attempt((out) => out.writeOpus(data, ptsSamples));
  }

  /** LiveKit does not know us any more, though sending still works (UDP tells nothing). */
  reconnect(): void {
    this.lose('LiveKit lost the participant');
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.retryTimer) clearTimeout(this.retryTimer);
    const { out } = this;
    this.out = null;
    await out?.close();
  }

  private attempt(write: (out: WhipOut) => void): void {
    if (this.out === null) return;
    try {
      write(this.out);
    } catch (error) {
      this.lose(error instanceof Error ? error.message : String(error));
    }
  }

  private lose(detail: string): void {
    const { out } = this;
    if (out === null) return;
    this.out = null;
    this.takesPicture = false;
    void out.close().finally(() => this.later(detail));
  }

  private later(detail: string): void {
    if (this.isClosed) return;
    this.options.say({ say: 'room', state: 'lost', detail });
    this.retryTimer = setTimeout(() => void this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }
}
