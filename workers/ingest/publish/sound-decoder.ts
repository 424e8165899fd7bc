import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_MP3,
  AV_CODEC_ID_OPUS,
  AV_SAMPLE_FMT_S16,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet, SoftwareResampleContext } from 'node-av/lib';
import type { AudioCodec } from './flv.ts';

const CODEC_ID = { aac: AV_CODEC_ID_AAC, mp3: AV_CODEC_ID_MP3, opus: AV_CODEC_ID_OPUS } as const;
const STEREO_S16_BYTES = 4;

/** Decodes an encoder's sound and resamples it to 48 kHz stereo s16, whatever its rate and channels; both may change on the way. */
export class SoundDecoder {
  private readonly context = new CodecContext();
  private readonly packet = new Packet();
  private readonly frame = new Frame();
  private resampler: SoftwareResampleContext | null = null;
  private resampling = '';
  /** Of the frames last decoded. */
  sampleRate = 0;
  channels = 0;

  /** @param config AudioSpecificConfig for AAC, OpusHead for Opus, null for MP3 @throws Error when the decoder does not take it */
  constructor(codec: Exclude<AudioCodec, 'other'>, config: Buffer | null) {
    const decoder = Codec.findDecoder(CODEC_ID[codec]);
    if (!decoder) throw new Error(`no decoder for ${codec}`);
    this.context.allocContext3(decoder);
    if (config) this.context.extraData = config;
    if (codec === 'opus') {
      this.context.sampleRate = 48_000;
      this.context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    }
    FFmpegError.throwIfError(this.context.open2Sync(decoder), `open the ${codec} decoder`);
    this.packet.alloc();
    this.frame.alloc();
  }

  /** @returns PCM, 48 kHz stereo s16; empty when the frame was damaged or the decoder is filling */
  decode(data: Buffer): Buffer {
    this.packet.unref();
    this.packet.data = data;
    if (this.context.sendPacketSync(this.packet) < 0) return Buffer.alloc(0);
    const pieces: Buffer[] = [];
    while (this.context.receiveFrameSync(this.frame) >= 0) {
      pieces.push(this.resample(this.frame));
      this.frame.unref();
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  private resample(frame: Frame): Buffer {
    const from = `${frame.sampleRate}/${frame.channelLayout.nbChannels}/${frame.channelLayout.mask}/${frame.format}`;
    if (this.resampler === null || from !== this.resampling) {
      this.resampler?.free();
      this.resampler = new SoftwareResampleContext();
      this.resampler.allocSetOpts2(
        AV_CHANNEL_LAYOUT_STEREO,
        AV_SAMPLE_FMT_S16,
        48_000,
        frame.channelLayout,
        frame.format as typeof AV_SAMPLE_FMT_S16,
        frame.sampleRate,
      );
      FFmpegError.throwIfError(this.resampler.init(), 'set up the resampler');
      this.resampling = from;
      this.sampleRate = frame.sampleRate;
      this.channels = frame.channelLayout.nbChannels;
    }
    const room = this.resampler.getOutSamples(frame.nbSamples);
    const out = Buffer.alloc(room * STEREO_S16_BYTES);
    const count = this.resampler.convertSync([out], room, frame.extendedData ?? frame.data, frame.nbSamples);
    return count > 0 ? out.subarray(0, count * STEREO_S16_BYTES) : Buffer.alloc(0);
  }

  close(): void {
    this.resampler?.free();
    this.packet.free();
    this.frame.free();
    this.context.freeContext();
  }
}
