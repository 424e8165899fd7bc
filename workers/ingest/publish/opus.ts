import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import type { SoundWish } from './encoding-wish.ts';

export const OPUS_FRAME_SAMPLES = 960; // 20 ms at 48 kHz
const BITRATE_KBPS = 128;
const STEREO_S16_BYTES = 4;

/** PCM in, Opus out: 48 kHz stereo in frames of 20 ms. libopus looks ahead 6.5 ms, which nobody hears against the picture. */
export class OpusEncoder {
  private readonly packet = new Packet();

  private constructor(private readonly context: CodecContext) {
    this.packet.alloc();
  }

  /** @param wish mono is sent as two equal channels, which Opus codes as one */
  static async open(wish: SoundWish | null = null): Promise<OpusEncoder> {
    const context = new CodecContext();
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS);
    if (!codec) throw new Error('libopus is missing in node-av');
    context.allocContext3(codec);
    context.sampleFormat = AV_SAMPLE_FMT_S16;
    context.sampleRate = 48_000;
    context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    context.bitRate = BigInt((wish?.bitrateKbps ?? BITRATE_KBPS) * 1000);
    context.timeBase = new Rational(1, 48_000);
    // Complexity 5 costs half of 10; the difference is inaudible at this rate.
    const options = Dictionary.fromObject({ frame_duration: '20', application: 'audio', compression_level: '5' });
    // The async form: node-av's open2Sync frees its options twice.
    FFmpegError.throwIfError(await context.open2(codec, options), 'open libopus');
    return new OpusEncoder(context);
  }

  /** @param pcm exactly 960 stereo samples of s16 @returns one Opus packet, or null while the encoder fills */
  encode(pcm: Buffer): Buffer | null {
    const frame = Frame.fromAudioBuffer(pcm, {
      nbSamples: pcm.length / STEREO_S16_BYTES,
      format: AV_SAMPLE_FMT_S16,
      sampleRate: 48_000,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase: { num: 1, den: 48_000 },
    });
    try {
      FFmpegError.throwIfError(this.context.sendFrameSync(frame), 'encode Opus');
    } finally {
      frame.free();
    }
    const received = this.context.receivePacketSync(this.packet);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return null;
    FFmpegError.throwIfError(received, 'encode Opus');
    const data = this.packet.data ? Buffer.from(this.packet.data) : null;
    this.packet.unref();
    return data;
  }

  close(): void {
    this.packet.free();
    this.context.freeContext();
  }
}
