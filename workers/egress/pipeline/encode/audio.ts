import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLTP,
  Codec,
  CodecContext,
  FF_ENCODER_AAC,
  FFmpegError,
  Frame,
  Packet,
  Rational,
} from 'node-av';

/** One AAC frame of 1,024 samples; pts in samples at 48 kHz. */
export type AudioPacket = { pts: number; duration: number; data: Buffer };

export const SAMPLE_RATE = 48_000;
export const FRAME_SAMPLES = 1024;
/** The encoder's delay: what goes in at sample n is heard in the packet of n - 1024. */
export const PRIMING_SAMPLES = 1024;

/** AAC-LC, 48 kHz, stereo. Synchronous: a frame takes a tenth of a millisecond. */
export class AudioEncoder {
  /** AudioSpecificConfig. */
  readonly config: Buffer;
  readonly codecs = 'mp4a.40.2';
  readonly #context: CodecContext;
  readonly #packet = new Packet();

  private constructor(context: CodecContext) {
    this.#context = context;
    this.#packet.alloc();
    const extra = context.extraData;
    if (!extra || extra.length < 2) throw new Error('the audio encoder gave no configuration');
    this.config = Buffer.from(extra);
  }

  static async open(bitrateKbps: number): Promise<AudioEncoder> {
    const codec = Codec.findEncoderByName(FF_ENCODER_AAC);
    if (!codec) throw new Error('the AAC encoder is missing in this build of node-av');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleRate = SAMPLE_RATE;
    context.sampleFormat = AV_SAMPLE_FMT_FLTP;
    context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    context.bitRate = BigInt(bitrateKbps * 1000);
    context.timeBase = new Rational(1, SAMPLE_RATE);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    FFmpegError.throwIfError(await context.open2(codec, null), 'open aac');
    return new AudioEncoder(context);
  }

  /**
   * Encodes 1,024 samples a channel.
   * @param planar left then right as 32-bit floats, -1 to 1
   * @param pts instant of the first sample, in samples; the packet that comes out is labelled `PRIMING_SAMPLES` earlier
   */
  encode(planar: Float32Array, pts: number): AudioPacket[] {
    const frame = Frame.fromAudioBuffer(Buffer.from(planar.buffer, planar.byteOffset, planar.byteLength), {
      nbSamples: FRAME_SAMPLES,
      format: AV_SAMPLE_FMT_FLTP,
      sampleRate: SAMPLE_RATE,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase: { num: 1, den: SAMPLE_RATE },
      pts: BigInt(pts),
    });
    try {
      FFmpegError.throwIfError(this.#context.sendFrameSync(frame), 'encode sound');
    } finally {
      frame.free();
    }
    const packets: AudioPacket[] = [];
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const { data } = this.#packet;
      if (data) packets.push({ pts: Number(this.#packet.pts), duration: FRAME_SAMPLES, data: Buffer.from(data) });
      this.#packet.unref();
    }
    return packets;
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }
}
