import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  type FFVideoEncoder,
  type Frame,
  type HardwareDeviceContext,
  type HardwareFramesContext,
  Packet,
  Rational,
} from 'node-av';
import { decoderConfiguration, toLengthPrefixed } from './annexb.ts';
import { presetFor, threadsFor } from './effort.ts';
import { type EncoderKind, x264 } from './encoder-kinds.ts';

/** One encoded picture: pts and duration in ticks of the program's rate, data with 32-bit NAL lengths. */
export type VideoPacket = { pts: number; duration: number; key: boolean; data: Buffer };

export type VideoSettings = {
  width: number;
  height: number;
  fps: number;
  bitrateKbps: number;
  /** Ticks a second in which pts count, the program's frame rate; `fps` when absent. */
  clockFps?: number;
  /** H.264 profile; `high` when absent. */
  profile?: 'baseline' | 'main' | 'high';
};

/** Where a hardware encoder works; what it is given lives in its own memory when there are `frames`. */
export type EncoderHardware = { device: HardwareDeviceContext | null; frames: HardwareFramesContext | null };

/**
 * One encoder of one rendition. A picture that goes in comes out at once (no look-ahead, no B-frames); key frames are only where they
 * are asked for, so every rendition has them at the same instants.
 */
export class VideoEncoder {
  readonly settings: VideoSettings;
  /** As FFmpeg calls it. */
  readonly name: string;
  readonly avcC: Buffer;
  readonly codecs: string;
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  #durations = new Map<number, number>();

  private constructor(settings: VideoSettings, name: string, context: CodecContext) {
    this.settings = settings;
    this.name = name;
    this.#context = context;
    this.#packet.alloc();
    const extra = context.extraData;
    if (!extra) throw new Error('the video encoder gave no header');
    ({ avcC: this.avcC, codecs: this.codecs } = decoderConfiguration(extra));
  }

  /** @param kind x264 unless said otherwise @throws when it cannot be opened */
  static async open(
    settings: VideoSettings,
    kind: EncoderKind = x264(presetFor(settings)),
    hardware?: EncoderHardware,
  ): Promise<VideoEncoder> {
    const codec = Codec.findEncoderByName(kind.name as FFVideoEncoder);
    if (!codec) throw new Error(`${kind.name} is missing in this build of node-av`);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = settings.width;
    context.height = settings.height;
    context.pixelFormat = kind.pixelFormat;
    const clockFps = settings.clockFps ?? settings.fps;
    context.timeBase = new Rational(1, clockFps);
    // A rung of a lower rate has a whole number of ticks a picture: 25 a second halved is 25/2.
    context.framerate = new Rational(clockFps, Math.round(clockFps / settings.fps));
    context.sampleAspectRatio = new Rational(1, 1);
    context.colorRange = AVCOL_RANGE_MPEG;
    context.colorSpace = AVCOL_SPC_BT709;
    context.colorPrimaries = AVCOL_PRI_BT709;
    context.colorTrc = AVCOL_TRC_BT709;
    context.bitRate = BigInt(settings.bitrateKbps * 1000);
    context.rcMaxRate = context.bitRate;
    context.rcBufferSize = settings.bitrateKbps * 1000; // one second: no part can be much larger than its share
    context.maxBFrames = 0;
    context.gopSize = Math.ceil(settings.fps * 20); // a fallback only, segment borders come far earlier
    context.threadCount = threadsFor(settings);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    if (hardware?.device) context.hwDeviceCtx = hardware.device;
    if (hardware?.frames) context.hwFramesCtx = hardware.frames;
    const { profile } = settings;
    const asked = profile ? { profile: kind.profileNames?.[profile] ?? profile } : {};
    const options = Dictionary.fromObject({ ...kind.options, ...asked });
    try {
      FFmpegError.throwIfError(await context.open2(codec, options), `open ${kind.name}`);
      return new VideoEncoder(settings, kind.name, context);
    } catch (error) {
      context.freeContext();
      throw error;
    } finally {
      options.free();
    }
  }

  /**
   * Encodes one picture of exactly the encoder's size; the frame stays the caller's.
   * @param place pts and duration in frames; `key` forces an IDR picture
   */
  async encode(frame: Frame, place: { pts: number; duration: number; key: boolean }): Promise<VideoPacket[]> {
    frame.pts = BigInt(place.pts);
    frame.pictType = place.key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    this.#durations.set(place.pts, place.duration);
    FFmpegError.throwIfError(await this.#context.sendFrame(frame), 'encode picture');
    return this.#drain();
  }

  /** Gives what is still inside, at the end. */
  async finish(): Promise<VideoPacket[]> {
    await this.#context.sendFrame(null);
    return this.#drain();
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #drain(): VideoPacket[] {
    const packets: VideoPacket[] = [];
    for (;;) {
      const code = this.#context.receivePacketSync(this.#packet);
      if (code === AVERROR_EAGAIN || code < 0) return packets;
      const pts = Number(this.#packet.pts);
      const { data } = this.#packet;
      if (data) {
        const duration = this.#durations.get(pts) ?? 1;
        packets.push({ pts, duration, key: this.#packet.isKeyframe, data: toLengthPrefixed(data) });
      }
      this.#durations.delete(pts);
      this.#packet.unref();
    }
  }
}
