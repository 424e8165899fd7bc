import { setTimeout as wait } from 'node:timers/promises';
import type { Layer } from './webrtc/layers.ts';
import { RoomOut } from './webrtc/room-out.ts';
import { signalJoin } from './webrtc/signal.ts';
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
  private out: RoomOut | null = null;
  private takesPicture = false;
  private isClosed = false;
  private retryMs = FIRST_RETRY_MS;
  private retryTimer: NodeJS.Timeout | null = null;
  private readonly zeroMs = performance.now() - CLOCK_START_MS;

  constructor(
    private readonly options: {
      /** livekit-server, `ws:` or `wss:`. */
      url: string;
      /** Sizes the picture is sent in, the largest first. */
      layers: readonly Layer[];
      requestToken(): Promise<string>;
      say(message: ChildMessage): void;
      /** The connection stands: send what a new subscriber needs first. */
      onConnected(): void;
      /** A subscriber cannot show a layer without a key frame. */
      onKeyRequest(layer: number): void;
      /** Whether anybody receives each layer. */
      onLayersWanted(wanted: readonly boolean[]): void;
      open?: typeof RoomOut.open;
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
      const { url, layers, onKeyRequest, onLayersWanted } = this.options;
      const out = await (this.options.open ?? RoomOut.open)({
        join: signalJoin(url, token),
        layers,
        nowMs: () => this.nowMs(),
        events: {
          onKeyRequest: (layer) => {
            if (this.takesPicture) onKeyRequest(layer);
          },
          onLayersWanted,
          onEnded: (detail) => this.lose(detail),
        },
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

  writeVideo(data: Buffer, ptsMs: number, layer: number): void {
    if (this.takesPicture) this.attempt((out) => out.writeVideo(data, ptsMs, layer));
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

  private attempt(write: (out: RoomOut) => void): void {
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
