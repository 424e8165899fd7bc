import { randomInt } from 'node:crypto';
import type { Feedback } from './rtcp.ts';
import { writeSenderReport } from './rtcp.ts';
import { writeRtp } from './rtp-packet.ts';

/** Picture and sound are tied together by these: at once, and then this often, ms. */
const REPORT_EVERY_MS = 1_000;
/** A packet asked for twice in one round trip is sent once, ms. */
const RESEND_AFTER_MS = 20;

export type Clock = {
  /** Output clock, ms. */
  nowMs(): number;
  /** Wall clock minus output clock, ms: fixed for a connection. */
  wallOffsetMs: number;
};

/** One stream of RTP packets (one SSRC): numbers and times them, reports on them, and sends again what got lost. */
export class RtpStream {
  readonly ssrc = randomInt(1, 2 ** 32 - 1);
  private sequence = randomInt(2 ** 16);
  private readonly zero = randomInt(2 ** 32);
  private readonly kept: ({ sequence: number; packet: Buffer; resentAtMs: number } | undefined)[];
  private packets = 0;
  private payloadBytes = 0;
  private reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: {
      payloadType: number;
      /** Hz. */
      clockRate: number;
      cname: string;
      /** The last packet of a picture has the marker bit; sound has none in the middle of it. */
      isPicture: boolean;
      /** In each packet; see `headerExtension`. */
      extension: Buffer | null;
      /** Packets kept to be sent again. */
      keep: number;
      clock: Clock;
      /** @throws Error when the connection is gone */
      send(packet: Buffer): void;
    },
  ) {
    this.kept = new Array(options.keep);
  }

  /**
   * One picture or one frame of sound.
   * @param payloads of its packets, each in pieces @param ticks output clock at `clockRate`
   * @throws Error when the connection is gone
   */
  write(payloads: readonly (readonly Buffer[])[], ticks: number): void {
    const { payloadType, extension, isPicture, send } = this.options;
    const timestamp = this.timestamp(ticks);
    this.report();
    payloads.forEach((payload, index) => {
      const { sequence, ssrc } = this;
      this.sequence = (sequence + 1) & 0xffff;
      const isLast = isPicture && index === payloads.length - 1;
      const packet = writeRtp({ payloadType, sequence, timestamp, ssrc, isLast }, extension, payload);
      this.packets += 1;
      for (const piece of payload) this.payloadBytes += piece.length;
      if (this.kept.length > 0) {
        this.kept[sequence % this.kept.length] = { sequence, packet, resentAtMs: Number.NEGATIVE_INFINITY };
      }
      send(packet);
    });
  }

  /** @param feedback of any stream; that of others is passed over. @returns whether it asks this one for a key frame */
  take(feedback: Feedback): boolean {
    if (feedback.ssrc !== this.ssrc) return false;
    if (feedback.kind === 'key') return true;
    const nowMs = this.options.clock.nowMs();
    for (const sequence of feedback.sequences) {
      const found = this.kept[sequence % this.kept.length];
      if (found?.sequence !== sequence || nowMs - found.resentAtMs < RESEND_AFTER_MS) continue;
      found.resentAtMs = nowMs;
      this.options.send(found.packet);
    }
    return false;
  }

  private report(): void {
    const { clock, clockRate, cname, send } = this.options;
    const nowMs = clock.nowMs();
    if (nowMs - this.reportedAtMs < REPORT_EVERY_MS) return;
    this.reportedAtMs = nowMs;
    const { ssrc, packets, payloadBytes } = this;
    const timestamp = this.timestamp((nowMs * clockRate) / 1000);
    send(writeSenderReport({ ssrc, wallMs: nowMs + clock.wallOffsetMs, timestamp, packets, payloadBytes, cname }));
  }

  private timestamp(ticks: number): number {
    return (this.zero + Math.round(ticks)) % 2 ** 32;
  }
}
