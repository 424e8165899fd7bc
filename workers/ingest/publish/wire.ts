import { z } from 'zod';
import { EncodingWishes } from './encoding-wish.ts';

/**
 * What the parent (sockets, keys) and a media child (FFmpeg) say to each other. Media goes through an extra pipe, framed;
 * commands and reports through IPC. The child gets no key and no API secret, only one short-lived join token at a time.
 */

/** File descriptor of the media pipe in the child. */
export const MEDIA_FD = 4;

/** 8, 9, 18: an FLV tag. `on`, `off`: the encoder connected, is gone. In the media pipe, so that order is kept. */
export const FRAME_KIND = { audio: 8, video: 9, data: 18, on: 1, off: 2 } as const;
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];
export type MediaFrame = { kind: FrameKind; timestampMs: number; body: Buffer };

const HEADER_BYTES = 9;
/** Above the RTMP front's own limit, so only a bug reaches it. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Head of a frame: kind u8, timestamp u32, length u32; the body follows. */
export function encodeFrameHead(kind: FrameKind, timestampMs: number, bodyBytes: number): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(timestampMs >>> 0, 1);
  head.writeUInt32BE(bodyBytes, 5);
  return head;
}

/** Cuts the pipe's byte stream into frames again. @throws Error when the stream is damaged */
export class FrameReader {
  private pieces: Buffer[] = [];
  private size = 0;
  private need = HEADER_BYTES;

  constructor(private readonly onFrame: (frame: MediaFrame) => void) {}

  push(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size < this.need) return;
    let input = this.pieces.length === 1 && this.pieces[0] ? this.pieces[0] : Buffer.concat(this.pieces);
    this.need = HEADER_BYTES;
    while (input.length >= HEADER_BYTES) {
      const length = input.readUInt32BE(5);
      if (length > MAX_FRAME_BYTES) throw new Error('media pipe damaged');
      if (input.length < HEADER_BYTES + length) {
        this.need = HEADER_BYTES + length;
        break;
      }
      const kind = input.readUInt8(0) as FrameKind;
      const timestampMs = input.readUInt32BE(1);
      const body = input.subarray(HEADER_BYTES, HEADER_BYTES + length);
      input = input.subarray(HEADER_BYTES + length);
      this.onFrame({ kind, timestampMs, body });
    }
    this.pieces = input.length > 0 ? [input] : [];
    this.size = input.length;
  }
}

/** Parent to child. */
export const ParentMessage = z.discriminatedUnion('say', [
  z.object({ say: z.literal('start'), serverUrl: z.string(), wishes: EncodingWishes }),
  /** Answer to `token-wanted`. */
  z.object({ say: z.literal('token'), token: z.string() }),
  /** The participant is not in the room any more although we send: connect anew. */
  z.object({ say: z.literal('reconnect') }),
  /** Answer to `transcode-wanted`: why none may begin, for people; empty when it may. */
  z.object({ say: z.literal('transcode-answer'), refusal: z.string() }),
  z.object({ say: z.literal('end') }),
]);
export type ParentMessage = z.infer<typeof ParentMessage>;

export const StreamFacts = z.object({
  video: z
    .object({
      codec: z.string(),
      profile: z.string(),
      width: z.int(),
      height: z.int(),
      fps: z.number(),
      bitrateKbps: z.number(),
      /** Between key frames, by the encoder's clock; 0 while not known. */
      keyIntervalMs: z.number(),
    })
    .nullable(),
  audio: z
    .object({
      codec: z.string(),
      channels: z.int(),
      sampleRate: z.int(),
      bitrateKbps: z.number(),
      /** Since the last report, dB of full scale; null when no sound came. */
      peakDb: z.number().nullable(),
      rmsDb: z.number().nullable(),
      /** Tracks sent; the main one is heard. */
      tracks: z.int(),
    })
    .nullable(),
  /** What happens to the picture; null before the first key frame. */
  mode: z.enum(['copy', 'transcode']).nullable(),
  /** Why it is transcoded, or not as it should be, for a person; empty when copied for good. */
  reason: z.string(),
  /** What to change in the encoder to save the transcode; empty when nothing. */
  advice: z.string(),
  /** It would be transcoded, but this machine has no processor left for it: copied where it can be, else without picture. */
  lacksProcessor: z.boolean(),
  /** `encoder` of the metadata. */
  encoder: z.string(),
  /** Pictures a second that the encoder told of in its metadata; 0 when it did not. */
  fpsTold: z.number(),
  /** Pictures a second that came in the last three seconds; 0 while not known. `video.fps` is the stream's rate, this is what arrives of it. */
  fpsSeen: z.number(),
  /** Pictures dropped because this machine was too slow. */
  droppedPictures: z.int(),
  /** Media that came more than half a second late, tags since the connection began. */
  lateTags: z.int(),
  /** How far behind its clock the encoder's newest media comes in, ms. */
  lagMs: z.number(),
  /** The most that media came late since the last report, and how long this process was held up meanwhile, ms. */
  lateMs: z.number(),
  heldUpMs: z.number(),
  /** Processor of the media process since the last report, in cores. */
  cores: z.number(),
});
export type StreamFacts = z.infer<typeof StreamFacts>;

/** Child to parent. */
export const ChildMessage = z.discriminatedUnion('say', [
  z.object({ say: z.literal('ready') }),
  z.object({ say: z.literal('token-wanted') }),
  /** The picture has to be transcoded; what that takes, in cores. */
  z.object({ say: z.literal('transcode-wanted'), cores: z.number() }),
  z.object({ say: z.literal('room'), state: z.enum(['connecting', 'connected', 'lost']), detail: z.string() }),
  z.object({ say: z.literal('facts'), facts: StreamFacts }),
  z.object({ say: z.literal('log'), level: z.enum(['info', 'warn', 'error']), text: z.string() }),
]);
export type ChildMessage = z.infer<typeof ChildMessage>;
