import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  Codec,
  CodecContext,
  Dictionary,
  FF_ENCODER_LIBX264,
  FFmpegError,
  type Frame,
  Packet,
  Rational,
} from 'node-av';
import { decoderConfiguration, toLengthPrefixed } from './annexb.ts';

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

/**
 * One x264 encoder of one rendition. A picture that goes in comes out at once (`zerolatency`: no look-ahead, no B-frames); key frames
 * are only where they are asked for, so every rendition has them at the same instants.
 */
export class VideoEncoder {
  readonly settings: VideoSettings;
  /** As FFmpeg calls it. */
  readonly name = 'libx264';
  readonly avcC: Buffer;
  readonly codecs: string;
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  #durations = new Map<number, number>();

  private constructor(settings: VideoSettings, context: CodecContext) {
    this.settings = settings;
    this.#context = context;
    this.#packet.alloc();
    const extra = context.extraData;
    if (!extra) throw new Error('the video encoder gave no header');
    ({ avcC: this.avcC, codecs: this.codecs } = decoderConfiguration(extra));
  }

  static async open(settings: VideoSettings): Promise<VideoEncoder> {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
    if (!codec) throw new Error('libx264 is missing in this build of node-av');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = settings.width;
    context.height = settings.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
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
    // Small rungs gain nothing from a second thread, the sum over the rungs keeps the cores busy anyway.
    context.threadCount = Math.min(settings.width, settings.height) >= 720 ? 2 : 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    const options = Dictionary.fromObject({
      preset: 'veryfast',
      tune: 'zerolatency',
      profile: settings.profile ?? 'high',
      'forced-idr': '1',
      'x264-params': 'scenecut=0:open-gop=0',
    });
    try {
      FFmpegError.throwIfError(await context.open2(codec, options), 'open libx264');
    } finally {
      options.free();
    }
    return new VideoEncoder(settings, context);
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
