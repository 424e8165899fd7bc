import { createHash, randomBytes } from 'node:crypto';
import { type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { PushTargets } from '../../../plan.ts';
import { resolveTarget } from '../../../target.ts';
import { clientFrame, ServerFrames } from './ws-frames.ts';

export type RawEvents = {
  onOpen(): void;
  /** The end, once; `code` as push-error.ts knows them. */
  onClosed(code: string): void;
};

const STEP_LIMIT_MS = 5000;
const PING_MS = 30_000;
/** A second and a half of sound: a receiver that is further behind is not going to catch up. */
const MOST_WAITING = 300_000;
/** RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** One WebSocket to a receiver of raw sound, to the address that was checked (no second look-up in between). */
export class RawConnection {
  readonly #events: RawEvents;
  readonly #limit: NodeJS.Timeout;
  #call: ClientRequest | null = null;
  #socket: Socket | null = null;
  #ping: NodeJS.Timeout | undefined;
  #answered = true;
  #closed = false;

  constructor(url: URL, targets: PushTargets | undefined, events: RawEvents) {
    this.#events = events;
    this.#limit = setTimeout(() => this.#close('ETIMEDOUT'), STEP_LIMIT_MS);
    this.#open(url, targets).catch((error: unknown) => this.#fail(error));
  }

  /** @returns false when it is not open or too far behind: the message is dropped */
  send(opcode: 'text' | 'binary', payload: Uint8Array): boolean {
    if (!this.#socket || this.#closed || this.#socket.writableLength > MOST_WAITING) return false;
    this.#socket.write(clientFrame(opcode, payload));
    return true;
  }

  /** Says goodbye and goes; no `onClosed` follows. */
  finish(): void {
    if (this.#closed) return;
    this.#stop();
    // 1000: a normal end (RFC 6455, 7.4.1).
    this.#socket?.end(clientFrame('close', Buffer.from([0x03, 0xe8])));
  }

  async #open(url: URL, targets: PushTargets | undefined): Promise<void> {
    const secure = url.protocol === 'wss:';
    const port = Number(url.port) || (secure ? 443 : 80);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const address = await resolveTarget({ host, port }, targets);
    if (this.#closed) return;
    const key = randomBytes(16).toString('base64');
    const login = url.username ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` : undefined;
    const call = (secure ? requestHttps : requestHttp)({
      host: address,
      port,
      path: `${url.pathname}${url.search}`,
      auth: login,
      servername: isIP(host) ? undefined : host,
      headers: {
        Host: url.host,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Version': '13',
      },
    });
    this.#call = call;
    call.on('error', (error) => this.#fail(error));
    call.on('response', (response) => {
      response.resume();
      this.#close(response.statusCode === 401 || response.statusCode === 403 ? 'needs-login' : 'rejected');
    });
    call.on('upgrade', (response, socket, head) => {
      const proof = createHash('sha1').update(`${key}${GUID}`).digest('base64');
      if (this.#closed || response.headers['sec-websocket-accept'] !== proof) {
        socket.destroy();
        return this.#close('protocol');
      }
      this.#begin(socket as Socket, head);
    });
    call.end();
  }

  /** @param head what the receiver said right behind its handshake */
  #begin(socket: Socket, head: Buffer): void {
    clearTimeout(this.#limit);
    this.#call = null;
    this.#socket = socket;
    socket.setNoDelay(true);
    const frames = new ServerFrames((opcode, payload) => {
      if (opcode === 'ping') socket.write(clientFrame('pong', payload));
      else if (opcode === 'pong') this.#answered = true;
      else this.#close('closed');
    });
    const receive = (bytes: Buffer) => {
      try {
        frames.receive(bytes);
      } catch {
        this.#close('protocol');
      }
    };
    socket.on('data', receive);
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#close('closed'));
    this.#ping = setInterval(() => {
      if (!this.#answered) return this.#close('hung');
      this.#answered = false;
      socket.write(clientFrame('ping', new Uint8Array(0)));
    }, PING_MS);
    this.#events.onOpen();
    if (head.length > 0) receive(head);
  }

  #fail(error: unknown): void {
    this.#close(error instanceof Error && 'code' in error ? String(error.code) : 'connection');
  }

  #stop(): void {
    this.#closed = true;
    clearTimeout(this.#limit);
    clearInterval(this.#ping);
    // A receiver that never answers would hold one more connection at each try.
    this.#call?.destroy();
  }

  #close(code: string): void {
    if (this.#closed) return;
    this.#stop();
    this.#socket?.destroy();
    this.#events.onClosed(code);
  }
}
