import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_OPUS,
  AV_PIX_FMT_YUV420P,
  AV_PKT_FLAG_KEY,
  AV_PROFILE_H264_BASELINE,
  AV_PROFILE_H264_CONSTRAINED,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { FFmpegError, FormatContext, Packet, Rational } from 'node-av/lib';
import type { RelayEvents } from './media-relay.ts';
import { Signalling } from './signalling.ts';

const OPEN_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
const VIDEO = 0; // FFmpeg's WHIP muxer wants the picture first.
const AUDIO = 1;
const LEVEL_3_1 = 31;
const EXPERIMENTAL = -2; // how FFmpeg marks this muxer

export const OPUS_RATE = 48_000;

/**
 * One WebRTC connection into a room: FFmpeg's WHIP muxer on livekit-server's `/whip/v1`, a picture and a sound track.
 *
 * It is opened before any media has come, so its set-up (HTTP, ICE, DTLS: 0.1 to 0.2 s) overlaps with the encoder's start. A track
 * appears in the room with its first packet. The offer names constrained baseline, which every browser takes; what is sent
 * may be main or high, since decoders go by the parameter sets in the stream.
 */
export class WhipOut {
  private isClosed = false;
  private readonly packet = new Packet();
  private lastVideoPts = Number.NEGATIVE_INFINITY;
  private lastAudioPts = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly format: FormatContext,
    private readonly signalling: Signalling,
  ) {
    this.packet.alloc();
  }

  /**
   * @throws Error when LiveKit refuses or does not answer within 10 s
   */
  static async open(url: string, token: string, events: RelayEvents): Promise<WhipOut> {
    const signalling = await Signalling.open(url, token, events);
    const format = new FormatContext();
    const timer = setTimeout(() => format.interrupt(), OPEN_TIMEOUT_MS);
    try {
      FFmpegError.throwIfError(format.allocOutputContext2(null, 'whip', signalling.url), 'make the WHIP muxer');
      describeStreams(format);
      format.strictStdCompliance = EXPERIMENTAL;
      FFmpegError.throwIfError(await format.writeHeader(), 'connect to the room');
      signalling.established();
      return new WhipOut(format, signalling);
    } catch (error) {
      format.freeContext();
      await signalling.leave();
      signalling.close();
      throw signalling.failure ? new Error(signalling.failure, { cause: error }) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * @param data one picture in Annex B, with parameter sets when it is an IDR
   * @param ptsMs output clock; never sent earlier than the one before
   * @throws Error when the connection is lost
   */
  writeVideo(data: Buffer, ptsMs: number, isKey: boolean): void {
    const pts = Math.max(Math.round(ptsMs * 90), this.lastVideoPts + 1);
    this.lastVideoPts = pts;
    this.write(VIDEO, data, pts, isKey);
  }

  /** @param ptsSamples output clock in 1/48000 s */
  writeOpus(data: Buffer, ptsSamples: number): void {
    if (ptsSamples <= this.lastAudioPts) return;
    this.lastAudioPts = ptsSamples;
    this.write(AUDIO, data, ptsSamples, true);
  }

  private write(stream: number, data: Buffer, pts: number, isKey: boolean): void {
    if (this.isClosed) return;
    const { packet } = this;
    packet.unref();
    packet.data = data;
    packet.streamIndex = stream;
    packet.pts = BigInt(pts);
    packet.dts = BigInt(pts);
    if (isKey) packet.setFlags(AV_PKT_FLAG_KEY);
    FFmpegError.throwIfError(this.format.writeFrameSync(packet), 'send to the room');
  }

  /** Leaves the room and frees everything; idempotent, never throws. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const { signalling } = this;
    await signalling.leave();
    const timer = setTimeout(() => this.format.interrupt(), CLOSE_TIMEOUT_MS);
    try {
      await this.format.writeTrailer();
    } catch {
      // The connection is gone already: nothing to tell LiveKit.
    } finally {
      clearTimeout(timer);
      this.packet.free();
      this.format.freeContext();
      signalling.close();
    }
  }
}

function describeStreams(format: FormatContext): void {
  const picture = format.newStream();
  picture.timeBase = new Rational(1, 90_000);
  picture.codecpar.codecType = AVMEDIA_TYPE_VIDEO;
  picture.codecpar.codecId = AV_CODEC_ID_H264;
  picture.codecpar.format = AV_PIX_FMT_YUV420P;
  picture.codecpar.width = 1280;
  picture.codecpar.height = 720;
  picture.codecpar.profile = (AV_PROFILE_H264_BASELINE |
    AV_PROFILE_H264_CONSTRAINED) as typeof AV_PROFILE_H264_BASELINE;
  picture.codecpar.level = LEVEL_3_1;
  const sound = format.newStream();
  sound.timeBase = new Rational(1, OPUS_RATE);
  sound.codecpar.codecType = AVMEDIA_TYPE_AUDIO;
  sound.codecpar.codecId = AV_CODEC_ID_OPUS;
  sound.codecpar.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  sound.codecpar.sampleRate = OPUS_RATE;
}
