import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { RtmpSession } from './rtmp-session.ts';
import { type PushAddress, resolveTarget, type TargetRules } from './target.ts';

export type ConnectionEvents = {
  /** The peer lets us publish: headers and media may follow. */
  onPublishing(): void;
  /** The end, once; `code` as push-error.ts knows them. `rejected` = the peer refused to let us publish. */
  onClosed(cause: { code: string; message: string }): void;
  /** The socket took what it had: there is room for more. */
  onDrain(): void;
};

export const STEP_LIMIT_MS = 5000;
const WATCH_MS = 1000;
/** Bytes given to the socket ahead of what it has written: small, so that the backlog is where it can be cut. */
const AHEAD_BYTES = 128 * 1024;

/** One connection to one destination, from look-up to close. */
export class RtmpConnection {
  readonly #target: PushAddress;
  readonly #events: ConnectionEvents;
  readonly #session: RtmpSession;
  #socket: Socket | null = null;
  #closed = false;
  #limit: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #lastTaken = 0;
  #takenAtMs = performance.now();

  constructor(target: PushAddress, events: ConnectionEvents) {
    this.#target = target;
    this.#events = events;
    this.#session = new RtmpSession(target, {
      send: (bytes) => this.#socket?.write(bytes),
      onPublishing: () => {
        clearTimeout(this.#limit);
        this.#startWatch();
        events.onPublishing();
      },
      onRefused: (code) => this.#close('rejected', code),
    });
  }

  /** Bytes that left this process. */
  get sentBytes(): number {
    return this.#socket ? this.#socket.bytesWritten - this.#socket.writableLength : 0;
  }

  get hasRoom(): boolean {
    return this.#socket !== null && this.#socket.writableLength < AHEAD_BYTES;
  }

  async open(rules: TargetRules | undefined): Promise<void> {
    this.#limitStep('ETIMEDOUT');
    try {
      const address = await resolveTarget(this.#target, rules);
      if (!this.#closed) this.#dial(address);
    } catch (error) {
      this.#fail(error);
    }
  }

  send(kind: 'video' | 'audio' | 'data', timestampMs: number, payload: Buffer): void {
    this.#socket?.write(this.#session.media(kind, timestampMs, payload));
  }

  /** Ends politely: what is queued goes out for at most half a second. No `onClosed` follows. */
  async finish(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimers();
    const socket = this.#socket;
    if (!socket) return;
    this.#session.finish();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 500);
      socket.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    socket.destroy();
  }

  #dial(address: string): void {
    const { host, port, secure } = this.#target;
    const socket = secure
      ? connectTls({ host: address, port, servername: host, ALPNProtocols: [] })
      : connectTcp({ host: address, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on(secure ? 'secureConnect' : 'connect', () => {
      this.#limitStep('handshake');
      this.#session.start();
    });
    socket.on('data', (bytes) => {
      try {
        this.#session.receive(bytes);
      } catch (error) {
        this.#close('protocol', String(error));
      }
    });
    socket.on('drain', () => this.#events.onDrain());
    socket.on('error', (error) => this.#fail(error));
    // Services that do not know a key often just hang up after `publish`.
    socket.on('close', () => this.#close(this.#session.stage === 'publishing-asked' ? 'rejected' : 'closed', 'closed'));
  }

  #fail(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'connection';
    this.#close(code, String(error));
  }

  #close(code: string, message: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimers();
    this.#socket?.destroy();
    this.#events.onClosed({ code, message });
  }

  #limitStep(code: string): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#close(code, 'time limit'), STEP_LIMIT_MS);
  }

  #startWatch(): void {
    this.#takenAtMs = performance.now();
    this.#watch = setInterval(() => void this.#look(), WATCH_MS);
  }

  /** Hung = data waits, here or in the kernel, and for 5 s the peer acknowledged none of it. */
  async #look(): Promise<void> {
    const socket = this.#socket;
    if (!socket || this.#closed) return;
    const unacknowledged = await kernelBacklog(socket);
    const taken = this.sentBytes - unacknowledged;
    const waiting = unacknowledged > 0 || socket.writableLength > 0;
    if (!waiting || taken > this.#lastTaken) {
      this.#lastTaken = taken;
      this.#takenAtMs = performance.now();
    } else if (performance.now() - this.#takenAtMs > STEP_LIMIT_MS) this.#close('hung', 'no progress');
  }

  #stopTimers(): void {
    clearTimeout(this.#limit);
    clearInterval(this.#watch);
  }
}

/** Bytes the kernel still holds for the peer (`tx_queue`); 0 where /proc cannot tell. */
async function kernelBacklog(socket: Socket): Promise<number> {
  const { localPort, remotePort, localFamily } = socket;
  if (!localPort || !remotePort) return 0;
  const table = await readFile(localFamily === 'IPv6' ? '/proc/self/net/tcp6' : '/proc/self/net/tcp', 'latin1').catch(
    () => '',
  );
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const row = new RegExp(`:${hex(localPort)} [0-9A-F]+:${hex(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`).exec(table);
  return row?.[1] ? Number.parseInt(row[1], 16) : 0;
}
