import {
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
  SWS_FAST_BILINEAR,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';
import type { EncodingWish } from './encoding-wish.ts';

/** As far apart as they may be in a copied picture, ms: who needs one earlier asks for it. */
const KEY_INTERVAL_MS = 2_000;
const MAX_LONG_SIDE = 1920;
const MAX_SHORT_SIDE = 1080;

export type PictureFormat = { width: number; height: number; format: number };
export type EncodedPicture = { data: Buffer; ptsMs: number; isKey: boolean };

/** Bits a second for a size: 720p30 gets 3.5 Mbit/s, 1080p30 8, and never more than the source is worth. */
export function bitrateFor(width: number, height: number, fps: number): number {
  return Math.round(Math.min(8_000_000, Math.max(500_000, width * height * Math.min(fps, 60) ** 0.75 * 0.3)));
}

const PIXELS_OF_A_THREAD = 1280 * 720 * 30;

/** Fits into 1920x1080 (or 1080x1920), or into what is wished, whichever way round; keeps the shape, even sides, never larger. */
export function fitSize(
  width: number,
  height: number,
  within: { width: number; height: number } = { width: MAX_LONG_SIDE, height: MAX_SHORT_SIDE },
): { width: number; height: number } {
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const scale = Math.min(
    1,
    Math.max(within.width, within.height) / long,
    Math.min(within.width, within.height) / short,
  );
  const even = (value: number) => Math.max(2, Math.floor((value * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/** x264, zerolatency, main profile, no B-frames: Annex B with parameter sets before each key frame. */
export class PictureEncoder {
  private readonly packet = new Packet();
  private scaler: SoftwareScaleContext | null = null;
  private lastKeyMs = Number.NEGATIVE_INFINITY;
  private lastPts = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly context: CodecContext,
    private readonly input: PictureFormat,
    private readonly size: { width: number; height: number },
  ) {
    this.packet.alloc();
    if (size.width !== input.width || size.height !== input.height || input.format !== AV_PIX_FMT_YUV420P)
      this.openScaler();
  }

  /** @param given pictures a second that come, for the rate control */
  static async open(input: PictureFormat, given: number, wish: EncodingWish | null = null): Promise<PictureEncoder> {
    const size = fitSize(input.width, input.height, wish ?? undefined);
    const fps = Math.min(given, wish?.fps ?? given);
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    if (!codec) throw new Error('libx264 is missing in node-av');
    const bitrate = wish ? wish.bitrateKbps * 1000 : bitrateFor(size.width, size.height, fps);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = size.width;
    context.height = size.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(1, 1000);
    context.framerate = new Rational(Math.round(fps * 1000), 1000);
    context.bitRate = BigInt(bitrate);
    context.rcMaxRate = BigInt(bitrate);
    context.rcBufferSize = Math.round(bitrate / 2);
    context.maxBFrames = 0;
    context.gopSize = Math.round(fps * 4); // ours come first; this is for a frame clock that lies
    // A second thread is a second slice with no delay allowed: for what one could be too slow for (decision 0026).
    context.threadCount = size.width * size.height * fps > PIXELS_OF_A_THREAD ? 2 : 1;
    const options = Dictionary.fromObject({
      // This picture is decoded and encoded once more on the same machine: processor time is dearer here than the last half decibel.
      preset: 'superfast',
      tune: 'zerolatency',
      profile: wish?.profile ?? 'main',
      forced_idr: '1',
      'x264-params': 'scenecut=0',
    });
    // The async form: node-av's open2Sync frees its options twice.
    FFmpegError.throwIfError(await context.open2(codec, options), 'open x264');
    return new PictureEncoder(context, input, size);
  }

  /** The next picture is a key frame, whenever the last one was. */
  requestKey(): void {
    this.lastKeyMs = Number.NEGATIVE_INFINITY;
  }

  accepts(frame: Frame): boolean {
    return frame.width === this.input.width && frame.height === this.input.height && frame.format === this.input.format;
  }

  /** The caller keeps and frees the frame. */
  async encode(frame: Frame, ptsMs: number): Promise<EncodedPicture[]> {
    const scaled = this.scaler ? await this.scale(frame, this.scaler) : null;
    const picture = scaled ?? frame;
    const isKey = ptsMs - this.lastKeyMs >= KEY_INTERVAL_MS;
    if (isKey) this.lastKeyMs = ptsMs;
    const pts = Math.max(Math.round(ptsMs), this.lastPts + 1);
    this.lastPts = pts;
    picture.pts = BigInt(pts);
    picture.pictType = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    try {
      FFmpegError.throwIfError(await this.context.sendFrame(picture), 'encode a picture');
    } finally {
      scaled?.free();
    }
    const pictures: EncodedPicture[] = [];
    while ((await this.context.receivePacket(this.packet)) >= 0) {
      const { data } = this.packet;
      if (data)
        pictures.push({ data: Buffer.from(data), ptsMs: Number(this.packet.pts), isKey: this.packet.isKeyframe });
      this.packet.unref();
    }
    return pictures;
  }

  close(): void {
    this.scaler?.freeContext();
    this.packet.free();
    this.context.freeContext();
  }

  private openScaler(): void {
    const { input, size } = this;
    this.scaler = new SoftwareScaleContext();
    const format = input.format as typeof AV_PIX_FMT_YUV420P;
    this.scaler.getContext(
      input.width,
      input.height,
      format,
      size.width,
      size.height,
      AV_PIX_FMT_YUV420P,
      SWS_FAST_BILINEAR,
    );
    FFmpegError.throwIfError(this.scaler.initContext(), 'set up the scaler');
  }

  private async scale(frame: Frame, scaler: SoftwareScaleContext): Promise<Frame> {
    const scaled = new Frame();
    scaled.alloc();
    scaled.format = AV_PIX_FMT_YUV420P;
    scaled.width = this.size.width;
    scaled.height = this.size.height;
    try {
      FFmpegError.throwIfError(scaled.getBuffer(), 'make room for a scaled picture');
      FFmpegError.throwIfError(await scaler.scaleFrame(scaled, frame), 'scale a picture');
      return scaled;
    } catch (error) {
      scaled.free();
      throw error;
    }
  }
}
