import { randomBytes } from 'node:crypto';

/** The part of WebSocket framing (RFC 6455, section 5) that a client needs which sends much and reads little. */
export type Opcode = keyof typeof CODES;
const CODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A whole message as one masked frame: what a client sends is always masked (5.3). */
export function clientFrame(opcode: Opcode, payload: Uint8Array): Buffer {
  const head = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(head + 4 + payload.length);
  frame[0] = 0x80 | CODES[opcode];
  if (head === 2) frame[1] = 0x80 | payload.length;
  else if (head === 4) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(payload.length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  const mask = randomBytes(4);
  mask.copy(frame, head);
  for (let at = 0; at < payload.length; at++) {
    frame[head + 4 + at] = (payload[at] as number) ^ (mask[at & 3] as number);
  }
  return frame;
}

/** Most that a server may say at once: it has nothing to say but pongs and its goodbye. */
const MOST_BYTES = 64 * 1024;

/** Takes a server's frames apart, whatever pieces they come in. Data is skipped, control frames are told. */
export class ServerFrames {
  readonly #onControl: (opcode: 'ping' | 'pong' | 'close', payload: Buffer) => void;
  #bytes = Buffer.alloc(0);

  constructor(onControl: (opcode: 'ping' | 'pong' | 'close', payload: Buffer) => void) {
    this.#onControl = onControl;
  }

  /** @throws Error when the server sends what is no frame, or far too much */
  receive(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (let frame = this.#next(); frame; frame = this.#next()) {
      const { code, payload } = frame;
      if (code === CODES.ping) this.#onControl('ping', payload);
      else if (code === CODES.pong) this.#onControl('pong', payload);
      else if (code === CODES.close) this.#onControl('close', payload);
    }
  }

  #next(): { code: number; payload: Buffer } | null {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const code = (bytes[0] as number) & 0x0f;
    const short = (bytes[1] as number) & 0x7f;
    if ((bytes[1] as number) & 0x80) throw new Error('a server masks nothing');
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < head) return null;
    const length = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (length > MOST_BYTES) throw new Error('the server sends too much');
    if (bytes.length < head + length) return null;
    this.#bytes = bytes.subarray(head + length);
    return { code, payload: bytes.subarray(head, head + length) };
  }
}
