import { RTMP_LIMITS, RtmpError } from './limits.ts';

/** One RTMP message, put together from its chunks. */
export type RtmpMessage = {
  type: number;
  /** Message stream id; 0 is the connection itself. */
  streamId: number;
  /** ms, unsigned 32 bits, wraps after 49.7 days. */
  timestampMs: number;
  payload: Buffer;
};

type ChunkStream = {
  timestamp: number;
  delta: number;
  length: number;
  type: number;
  streamId: number;
  /** The extended field as last sent, null when the short one was enough. */
  extendedTime: number | null;
  /** Grows with what arrived, not with what was announced. */
  body: Buffer;
  filled: number;
};

const SET_CHUNK_SIZE = 1;
const ABORT = 2;
const EXTENDED = 0xff_ff_ff;
const HEADER_BYTES = [11, 7, 3, 0] as const;
const START_BODY_BYTES = 4096;

/**
 * Reads the chunk stream of one peer (Adobe RTMP 1.0, 5.3), whatever way its bytes are cut.
 * "Set chunk size" and "abort" are obeyed here, all other messages go to `onMessage`.
 */
export class ChunkReader {
  private readonly streams = new Map<number, ChunkStream>();
  private pending = Buffer.alloc(0);
  private chunkSize = 128;
  private buffered = 0;
  /** Payload left of the chunk being read. */
  private current = null as { stream: ChunkStream; left: number } | null;
  maxMessageBytes: number = RTMP_LIMITS.messageBytes;

  constructor(private readonly onMessage: (message: RtmpMessage) => void) {}

  /** @throws RtmpError when a limit or the protocol is broken; the reader must not be used after. */
  push(bytes: Buffer): void {
    let input = this.pending.length > 0 ? Buffer.concat([this.pending, bytes]) : bytes;
    this.pending = Buffer.alloc(0);
    while (input.length > 0) {
      if (this.current === null) {
        const used = this.readHeader(input);
        if (used === 0) {
          // A header has 18 bytes at most, so this copy stays small; it also lets go of the socket's buffer.
          this.pending = Buffer.from(input);
          return;
        }
        input = input.subarray(used);
      }
      const current = this.current;
      if (current === null) continue;
      const take = Math.min(current.left, input.length);
      this.append(current.stream, input.subarray(0, take));
      current.left -= take;
      input = input.subarray(take);
      if (current.left === 0) {
        this.current = null;
        if (current.stream.filled === current.stream.length) this.finish(current.stream);
      }
    }
  }

  /** @returns bytes used, 0 when the header is not complete yet */
  private readHeader(input: Buffer): number {
    const first = input[0] ?? 0;
    const format = first >> 6;
    let id = first & 63;
    let at = 1;
    if (id < 2) {
      if (input.length < 2 + id) return 0;
      id = id === 0 ? 64 + input.readUInt8(1) : 64 + input.readUInt16LE(1);
      at = (first & 63) + 2;
    }
    const known = this.streams.get(id);
    if (!known && format !== 0) {
      // librtmp may begin a chunk stream with type 1; without a predecessor only its stream id is unknown.
      if (format !== 1) throw new RtmpError('chunk without a predecessor');
    }
    if (!known && this.streams.size >= RTMP_LIMITS.chunkStreams) throw new RtmpError('too many chunk streams');
    const headerBytes = HEADER_BYTES[format as 0 | 1 | 2 | 3];
    if (input.length < at + headerBytes) return 0;
    const field = format < 3 ? input.readUIntBE(at, 3) : 0;
    let extended = format < 3 ? field === EXTENDED : (known?.extendedTime ?? null) !== null;
    if (extended && input.length < at + headerBytes + 4) return 0;
    const stream = known ?? newChunkStream();
    this.streams.set(id, stream);
    const time = extended ? input.readUInt32BE(at + headerBytes) : field;
    // The specification repeats the extended timestamp in type 3 chunks, some encoders do not: only the same value counts.
    if (format === 3 && extended && time !== stream.extendedTime) extended = false;
    this.applyHeader(stream, { format, time, extended, fields: input.subarray(at, at + headerBytes) });
    if (stream.length === 0) this.finish(stream);
    else this.current = { stream, left: Math.min(this.chunkSize, stream.length - stream.filled) };
    return at + headerBytes + (extended ? 4 : 0);
  }

  private applyHeader(
    stream: ChunkStream,
    header: { format: number; time: number; extended: boolean; fields: Buffer },
  ): void {
    const { format, time, fields } = header;
    if (format < 3) {
      if (stream.filled > 0) throw new RtmpError('message begun inside another of its chunk stream');
      stream.extendedTime = header.extended ? time : null;
      if (format < 2) {
        stream.length = fields.readUIntBE(3, 3);
        stream.type = fields.readUInt8(6);
        if (stream.length > this.maxMessageBytes) throw new RtmpError(`message of ${stream.length} bytes`);
      }
      if (format === 0) {
        stream.streamId = fields.readUInt32LE(7);
        stream.timestamp = time;
        stream.delta = 0;
      } else {
        stream.delta = time;
        stream.timestamp = (stream.timestamp + time) >>> 0;
      }
      return;
    }
    // Type 3 begins a new message with the last delta, or continues the one under way.
    if (stream.filled === 0) {
      if (stream.length > this.maxMessageBytes) throw new RtmpError(`message of ${stream.length} bytes`);
      stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    }
  }

  private append(stream: ChunkStream, bytes: Buffer): void {
    this.buffered += bytes.length;
    if (this.buffered > RTMP_LIMITS.bufferedBytes) throw new RtmpError('too many unfinished messages');
    const need = stream.filled + bytes.length;
    if (stream.body.length < need) {
      const size = Math.min(stream.length, Math.max(need, stream.body.length * 2, START_BODY_BYTES));
      const grown = Buffer.allocUnsafeSlow(size);
      stream.body.copy(grown, 0, 0, stream.filled);
      stream.body = grown;
    }
    bytes.copy(stream.body, stream.filled);
    stream.filled = need;
  }

  private finish(stream: ChunkStream): void {
    const payload = stream.body.subarray(0, stream.filled);
    this.forget(stream);
    if (stream.type === SET_CHUNK_SIZE) {
      this.setChunkSize(payload);
      return;
    }
    if (stream.type === ABORT) {
      const aborted = payload.length >= 4 ? this.streams.get(payload.readUInt32BE(0)) : undefined;
      if (aborted) this.forget(aborted);
      return;
    }
    this.onMessage({ type: stream.type, streamId: stream.streamId, timestampMs: stream.timestamp, payload });
  }

  private forget(stream: ChunkStream): void {
    this.buffered -= stream.filled;
    stream.body = Buffer.alloc(0);
    stream.filled = 0;
  }

  private setChunkSize(payload: Buffer): void {
    const size = payload.length >= 4 ? payload.readUInt32BE(0) : 0;
    if (size < 1 || size > 0x7f_ff_ff_ff) throw new RtmpError(`chunk size ${size}`);
    this.chunkSize = Math.min(size, RTMP_LIMITS.chunkBytes);
  }
}

function newChunkStream(): ChunkStream {
  return {
    timestamp: 0,
    delta: 0,
    length: 0,
    type: 0,
    streamId: 0,
    extendedTime: null,
    body: Buffer.alloc(0),
    filled: 0,
  };
}
