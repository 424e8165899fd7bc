import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  FF_THREAD_SLICE,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';

const CODEC_ID = {
  h264: AV_CODEC_ID_H264,
  hevc: AV_CODEC_ID_HEVC,
  av1: AV_CODEC_ID_AV1,
  vp9: AV_CODEC_ID_VP9,
} as const;
export type PictureCodec = keyof typeof CODEC_ID;

/** Decodes pictures as FLV carries them; timestamps in ms of the output clock. */
export class PictureDecoder {
  private readonly context = new CodecContext();
  private readonly packet = new Packet();

  /** @param config avcC, hvcC or av1C; null where the codec needs none (VP9) @throws Error when the decoder does not take it */
  constructor(codec: PictureCodec, config: Buffer | null) {
    const decoder = Codec.findDecoder(CODEC_ID[codec]);
    if (!decoder) throw new Error(`no decoder for ${codec}`);
    this.context.allocContext3(decoder);
    if (config && codec !== 'vp9') this.context.extraData = config;
    this.context.pktTimebase = new Rational(1, 1000);
    // Frame threads would hold back one picture each.
    this.context.threadType = FF_THREAD_SLICE;
    this.context.threadCount = 2;
    FFmpegError.throwIfError(this.context.open2Sync(decoder), `open the ${codec} decoder`);
    this.packet.alloc();
  }

  /** @returns pictures in display order, to be freed by the caller; damaged input gives none */
  async decode(data: Buffer, dtsMs: number, ptsMs: number): Promise<Frame[]> {
    this.packet.unref();
    this.packet.data = data;
    this.packet.dts = BigInt(Math.round(dtsMs));
    this.packet.pts = BigInt(Math.round(ptsMs));
    if ((await this.context.sendPacket(this.packet)) < 0) return [];
    const frames: Frame[] = [];
    for (;;) {
      const frame = new Frame();
      frame.alloc();
      if ((await this.context.receiveFrame(frame)) < 0) {
        frame.free();
        return frames;
      }
      frames.push(frame);
    }
  }

  close(): void {
    this.packet.free();
    this.context.freeContext();
  }
}
