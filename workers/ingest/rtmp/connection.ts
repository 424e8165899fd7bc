import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { RTMP_LIMITS, RtmpError } from './limits.ts';
import type { AdmitPublisher, MediaTaker, Publisher } from './publisher.ts';
import { type PublishWish, RtmpSession } from './session.ts';

const PING_EVERY_MS = 5_000;
/** How long a told encoder may take to hang up by itself, ms. */
const GOODBYE_MS = 500;

/**
 * One encoder's socket: joins it to an `RtmpSession`, keeps its time limits, and logs one line at its end, without the key.
 */
export class RtmpConnection {
  private readonly session: RtmpSession;
  private readonly startedAtMs = performance.now();
  private taker: MediaTaker | null = null;
  private ingressId: string | null = null;
  private agent = '';
  private reason: string | null = null;
  private received = 0;
  private deadline: NodeJS.Timeout | null;
  private pinging: NodeJS.Timeout | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly options: {
      address: string;
      log: Logger;
      admit: AdmitPublisher;
      publishWithinMs?: number;
      silenceMs?: number;
    },
  ) {
    this.session = new RtmpSession({
      write: (bytes) => this.write(bytes),
      onPublish: (wish) => void this.publish(wish),
      onTag: (type, timestampMs, body) => this.taker?.onTag(type, timestampMs, body),
      onUnpublish: () => this.end('the encoder stopped'),
    });
    const publishWithinMs = options.publishWithinMs ?? RTMP_LIMITS.publishWithinMs;
    this.deadline = setTimeout(() => this.close(`no publish within ${publishWithinMs / 1000} s`), publishWithinMs);
    socket.setTimeout(options.silenceMs ?? RTMP_LIMITS.silenceMs);
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('timeout', () => this.close('the encoder went silent'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.because(`connection lost (${error.code ?? 'error'})`));
    socket.on('close', () => this.gone());
  }

  /** Says goodbye in RTMP's words, then closes. */
  end(reason: string): void {
    if (this.reason !== null) return;
    this.session.end(reason);
    this.close(reason);
  }

  private read(bytes: Buffer): void {
    if (this.reason !== null) return;
    this.received += bytes.length;
    try {
      this.session.push(bytes);
    } catch (error) {
      if (!(error instanceof RtmpError)) this.options.log.error({ err: error }, 'rtmp: the parser failed');
      this.close(error instanceof RtmpError ? `broken RTMP: ${error.message}` : 'broken RTMP');
    }
  }

  private async publish(wish: PublishWish): Promise<void> {
    this.agent = wish.agent;
    const publisher: Publisher = {
      address: this.options.address,
      agent: wish.agent,
      end: (reason) => this.end(reason),
      pause: () => this.socket.pause(),
      resume: () => this.socket.resume(),
      roundTripMs: () => this.session.roundTripMs,
    };
    this.socket.pause();
    const answer = await this.options.admit(wish, publisher);
    this.socket.resume();
    this.clearDeadline();
    if (!answer.ok) {
      this.session.refuse(answer.sentence);
      this.close(`refused: ${answer.sentence}`);
      return;
    }
    this.ingressId = answer.ingressId;
    if (this.reason !== null) {
      answer.taker.onGone(this.reason);
      return;
    }
    this.taker = answer.taker;
    this.session.accept();
    this.pinging = setInterval(() => this.session.ping(), PING_EVERY_MS);
  }

  private write(bytes: Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  private because(reason: string): void {
    this.reason ??= reason;
  }

  /** Lets what was written leave, then cuts. */
  private close(reason: string): void {
    if (this.reason !== null) return;
    this.because(reason);
    this.clearDeadline();
    this.socket.resume();
    this.socket.end();
    const cut = setTimeout(() => this.socket.destroy(), GOODBYE_MS);
    this.socket.once('close', () => clearTimeout(cut));
  }

  private clearDeadline(): void {
    if (this.deadline) clearTimeout(this.deadline);
    this.deadline = null;
  }

  private gone(): void {
    this.clearDeadline();
    if (this.pinging) clearInterval(this.pinging);
    this.because('the encoder hung up');
    const reason = this.reason ?? 'closed';
    this.options.log.info(
      {
        address: this.options.address,
        ingressId: this.ingressId ?? undefined,
        agent: this.agent || undefined,
        seconds: Math.round((performance.now() - this.startedAtMs) / 100) / 10,
        bytes: this.received,
        reason,
      },
      `rtmp: closed: ${reason}`,
    );
    this.taker?.onGone(reason);
    this.taker = null;
  }
}
