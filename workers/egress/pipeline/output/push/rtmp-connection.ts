import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { resolveTarget } from '../../../target.ts';
import { audioHeader, metadataPayload, videoHeader } from './flv-payload.ts';
import type { QueuedPacket } from './gop-queue.ts';
import type { RtmpAddress } from './push-address.ts';
import { type ConnectionEvents, type DialOptions, HUNG_MS, type PushConnection } from './push-connection.ts';
import { refusalOf } from './push-error.ts';
import { RtmpSession } from './rtmp-session.ts';
import { kernelBacklog } from './tcp-backlog.ts';

/** Services that do not know an application or a key often just hang up: what that means, by how far the session came. */
const HANG_UP: Partial<Record<RtmpSession['stage'], string>> = {
  connecting: 'hangs-up-at-connect',
  'publishing-asked': 'rejected',
};

const STEP_LIMIT_MS = 5000;
const WATCH_MS = 1000;
const FINISH_MS = 500;
/** Bytes given to the socket ahead of what it has written: small, so that the backlog is where it can be cut. */
const AHEAD_BYTES = 128 * 1024;
/** The kernel takes megabytes for a peer that does not read; beyond so much of the stream the rest waits in the queue as well. */
const KERNEL_S = 2;
const KERNEL_BYTES_MIN = 256 * 1024;

/** One RTMP(S) connection, from look-up to close. Sockets of Node's: nothing here can hold a thread. */
export class RtmpConnection implements PushConnection {
  readonly #target: RtmpAddress;
  readonly #options: DialOptions;
  readonly #events: ConnectionEvents;
  readonly #session: RtmpSession;
  #socket: Socket | null = null;
  #closed = false;
  #limit: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #inKernel = 0;
  #kernelBytes = KERNEL_BYTES_MIN;
  #lastTaken = 0;
  #takenAtMs = performance.now();

  constructor(target: RtmpAddress, options: DialOptions, events: ConnectionEvents) {
    this.#target = target;
    this.#options = options;
    this.#events = events;
    this.#session = new RtmpSession(target, {
      send: (bytes) => this.#socket?.write(bytes),
      onPublishing: () => {
        clearTimeout(this.#limit);
        this.#startWatch();
        this.#begin();
        events.onPublishing();
      },
      onRefused: (status) => this.#close(refusalOf(status)),
    });
    void this.#open();
  }

  get takenBytes(): number {
    return this.#written - this.#inKernel;
  }

  get hasRoom(): boolean {
    return this.#socket !== null && this.#socket.writableLength < AHEAD_BYTES && this.#inKernel < this.#kernelBytes;
  }

  send(packet: QueuedPacket, ms: number): void {
    this.#write(packet.kind, ms, packet.payload);
  }

  async finish(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimers();
    const socket = this.#socket;
    if (!socket) return;
    this.#session.finish();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FINISH_MS);
      socket.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    socket.destroy();
  }

  get #written(): number {
    return this.#socket ? this.#socket.bytesWritten - this.#socket.writableLength : 0;
  }

  /** Every connection starts with metadata and headers. */
  #begin(): void {
    const { video, audio } = this.#options.media;
    const kbps = (video?.bitrateKbps ?? 0) + (audio?.bitrateKbps ?? 0);
    this.#kernelBytes = Math.max(KERNEL_BYTES_MIN, (kbps * 1000 * KERNEL_S) / 8);
    this.#write('data', 0, metadataPayload(video, audio));
    if (video) this.#write('video', 0, videoHeader(video));
    if (audio) this.#write('audio', 0, audioHeader(audio));
  }

  #write(kind: 'video' | 'audio' | 'data', ms: number, payload: Buffer): void {
    this.#socket?.write(this.#session.media(kind, ms, payload));
  }

  async #open(): Promise<void> {
    this.#limitStep('ETIMEOUT');
    try {
      const address = await resolveTarget(this.#target, this.#options.targets);
      if (!this.#closed) this.#dial(address);
    } catch (error) {
      this.#fail(error);
    }
  }

  #dial(address: string): void {
    const { host, port, secure } = this.#target;
    this.#limitStep('ETIMEDOUT');
    // To an address no name can be sent; its certificate must then name the address.
    const servername = isIP(host) ? undefined : host;
    const socket = secure
      ? connectTls({ host: address, port, servername, ca: this.#options.trusted, minVersion: 'TLSv1.2' })
      : connectTcp({ host: address, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    if (secure) socket.on('connect', () => this.#limitStep('tls-timeout'));
    socket.on(secure ? 'secureConnect' : 'connect', () => {
      this.#limitStep('handshake');
      this.#session.start();
    });
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('drain', () => this.#events.onDrain());
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#close(HANG_UP[this.#session.stage] ?? 'closed'));
  }

  #receive(bytes: Buffer): void {
    const before = this.#session.stage;
    try {
      this.#session.receive(bytes);
    } catch {
      this.#close('protocol');
    }
    if (before === 'handshake' && this.#session.stage === 'connecting') this.#limitStep('no-answer');
  }

  #fail(error: unknown): void {
    this.#close(error instanceof Error && 'code' in error ? String(error.code) : 'connection');
  }

  #close(code: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimers();
    this.#socket?.destroy();
    this.#events.onClosed(code);
  }

  #limitStep(code: string): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#close(code), STEP_LIMIT_MS);
  }

  #startWatch(): void {
    this.#takenAtMs = performance.now();
    this.#watch = setInterval(() => void this.#look(), WATCH_MS);
  }

  /** Hung = data waits, here or in the kernel, and the peer acknowledged none of it for long. */
  async #look(): Promise<void> {
    const socket = this.#socket;
    if (!socket || this.#closed) return;
    const hadRoom = this.hasRoom;
    // Not beyond what was written: the table may be older by a moment.
    this.#inKernel = Math.min(await kernelBacklog(socket), this.#written);
    if (this.#closed) return;
    const waiting = this.#inKernel > 0 || socket.writableLength > 0;
    if (!waiting || this.takenBytes > this.#lastTaken) {
      this.#lastTaken = this.takenBytes;
      this.#takenAtMs = performance.now();
    } else if (performance.now() - this.#takenAtMs > HUNG_MS) return this.#close('hung');
    if (!hadRoom && this.hasRoom) this.#events.onDrain();
  }

  #stopTimers(): void {
    clearTimeout(this.#limit);
    clearInterval(this.#watch);
  }
}
