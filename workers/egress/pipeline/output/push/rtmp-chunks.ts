/** RTMP's chunk layer, both ways. Source: Adobe, "Real-Time Messaging Protocol" 1.0, section 5.3. */
export type RtmpMessage = { type: number; streamId: number; timestampMs: number; payload: Buffer };

export const MESSAGE = {
  chunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf0: 18,
  commandAmf3: 17,
  commandAmf0: 20,
} as const;

const EXTENDED = 0xffffff;
const MAX_MESSAGE = 1024 * 1024;
const MAX_STREAMS = 64;

/**
 * One message as chunks: a full header first, then continuations.
 * @param channel chunk stream id, 2 to 63
 * @param timestampMs wraps at 32 bits
 */
export function writeMessage(message: RtmpMessage, channel: number, chunkSize: number): Buffer {
  const { payload, type, streamId } = message;
  const time = message.timestampMs >>> 0;
  const long = time >= EXTENDED;
  const chunks = Math.max(1, Math.ceil(payload.length / chunkSize));
  const out = Buffer.allocUnsafe(12 + (chunks - 1) + (long ? 4 * chunks : 0) + payload.length);
  out[0] = channel;
  out.writeUIntBE(long ? EXTENDED : time, 1, 3);
  out.writeUIntBE(payload.length, 4, 3);
  out[7] = type;
  out.writeUInt32LE(streamId, 8);
  let at = 12;
  for (let from = 0, first = true; first || from < payload.length; from += chunkSize, first = false) {
    if (!first) out[at++] = 0xc0 | channel;
    if (long) at = out.writeUInt32BE(time, at);
    at += payload.copy(out, at, from, Math.min(from + chunkSize, payload.length));
  }
  return out;
}

type ChunkStream = {
  time: number;
  delta: number;
  length: number;
  type: number;
  streamId: number;
  long: boolean;
  got: Buffer[];
  size: number;
};

/** Puts a peer's chunks together. Bounded: message size, number of chunk streams. */
export class ChunkReader {
  #chunkSize = 128;
  #pending: Buffer = Buffer.alloc(0);
  readonly #streams = new Map<number, ChunkStream>();
  readonly #onMessage: (message: RtmpMessage) => void;

  constructor(onMessage: (message: RtmpMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws RangeError when the peer breaks the protocol or a limit */
  push(bytes: Buffer): void {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    for (let used = this.#readChunk(this.#pending); used > 0; used = this.#readChunk(this.#pending)) {
      this.#pending = this.#pending.subarray(used);
    }
    if (this.#pending.length > MAX_MESSAGE) throw new RangeError('RTMP message is too large');
  }

  /** Reads one chunk if it is whole; gives its length, else 0. */
  #readChunk(bytes: Buffer): number {
    const [first, second = 0, third = 0] = bytes;
    if (first === undefined) return 0;
    const low = first & 0x3f;
    let at = low === 0 ? 2 : low === 1 ? 3 : 1;
    const channel = low === 0 ? second + 64 : low === 1 ? third * 256 + second + 64 : low;
    const format = first >> 6;
    const header = [11, 7, 3, 0][format] ?? 0;
    if (bytes.length < at + header) return 0;
    const stream = this.#stream(channel);
    const next = { ...stream };
    if (format < 3) {
      const time = bytes.readUIntBE(at, 3);
      next.long = time === EXTENDED;
      next.delta = time;
      if (format < 2) {
        next.length = bytes.readUIntBE(at + 3, 3);
        next.type = bytes[at + 6] ?? 0;
      }
      if (format === 0) next.streamId = bytes.readUInt32LE(at + 7);
    }
    at += header;
    if (next.length > MAX_MESSAGE) throw new RangeError('RTMP message is too large');
    if (next.long) {
      if (bytes.length < at + 4) return 0;
      next.delta = bytes.readUInt32BE(at);
      at += 4;
    }
    const size = Math.min(this.#chunkSize, next.length - stream.size);
    if (bytes.length < at + size) return 0;
    if (stream.size === 0) next.time = format === 0 ? next.delta : (stream.time + next.delta) >>> 0;
    next.got.push(Buffer.from(bytes.subarray(at, at + size)));
    next.size = stream.size + size;
    Object.assign(stream, next);
    if (stream.size >= stream.length) this.#finish(stream);
    return at + size;
  }

  #stream(channel: number): ChunkStream {
    const known = this.#streams.get(channel);
    if (known) return known;
    if (this.#streams.size >= MAX_STREAMS) throw new RangeError('too many RTMP chunk streams');
    const fresh = { time: 0, delta: 0, length: 0, type: 0, streamId: 0, long: false, got: [], size: 0 };
    this.#streams.set(channel, fresh);
    return fresh;
  }

  #finish(stream: ChunkStream): void {
    const payload = Buffer.concat(stream.got);
    stream.got = [];
    stream.size = 0;
    if (stream.type === MESSAGE.chunkSize && payload.length >= 4) {
      this.#chunkSize = Math.max(1, Math.min(payload.readUInt32BE(0) & 0x7fffffff, MAX_MESSAGE));
    } else if (stream.type === MESSAGE.abort && payload.length >= 4) this.#abort(payload.readUInt32BE(0));
    this.#onMessage({ type: stream.type, streamId: stream.streamId, timestampMs: stream.time, payload });
  }

  /** The rest of a half-sent message will not come (5.4.2). */
  #abort(channel: number): void {
    const stream = this.#streams.get(channel);
    if (stream) Object.assign(stream, { got: [], size: 0 });
  }
}
