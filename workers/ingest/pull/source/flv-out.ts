import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_MP3,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_VP9,
  AVFMT_FLAG_FLUSH_PACKETS,
  AVIO_FLAG_WRITE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { Dictionary, FFmpegError, FormatContext, IOContext, type Packet, Rational, type Stream } from 'node-av/lib';
import { FLV_FD } from './messages.ts';

const PICTURES: number[] = [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_VP9];
const SOUNDS: number[] = [AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS];
const NO_TIME = -(2n ** 63n);
const FRAME_MS = 33;

type Way = { index: number; timeBase: Rational; lastMs: number };

/** Writes the first picture and the first sound of a source as FLV into the pipe to the parent, on a clock that begins at 0 and never goes back. */
export class FlvOut {
  private zeroMs: number | null = null;
  private highestMs = 0;

  private constructor(
    private readonly format: FormatContext,
    private readonly ways: Map<number, Way>,
  ) {}

  /** @returns null when the source has nothing that FLV carries and we take */
  static async open(streams: Stream[]): Promise<FlvOut | null> {
    const pick = (type: number, codecs: number[]) =>
      streams.find((one) => one.codecpar.codecType === type && codecs.includes(one.codecpar.codecId));
    const chosen = [pick(AVMEDIA_TYPE_VIDEO, PICTURES), pick(AVMEDIA_TYPE_AUDIO, SOUNDS)].filter((one) => one != null);
    if (chosen.length === 0) return null;
    const format = new FormatContext();
    FFmpegError.throwIfError(format.allocOutputContext2(null, 'flv', null), 'make the muxer');
    const io = new IOContext();
    FFmpegError.throwIfError(await io.open2(`pipe:${FLV_FD}`, AVIO_FLAG_WRITE), 'open the pipe');
    format.pb = io;
    format.setFlags(AVFMT_FLAG_FLUSH_PACKETS);
    const ways = new Map<number, Way>();
    for (const stream of chosen) {
      const made = format.newStream();
      FFmpegError.throwIfError(stream.codecpar.copy(made.codecpar), 'describe a stream');
      made.codecpar.codecTag = 0;
      made.timeBase = new Rational(1, 1000);
      ways.set(stream.index, { index: made.index, timeBase: stream.timeBase, lastMs: -1 });
    }
    const options = Dictionary.fromObject({ flvflags: 'no_duration_filesize' });
    FFmpegError.throwIfError(await format.writeHeader(options), 'write the header');
    return new FlvOut(format, ways);
  }

  /**
   * Puts a packet on the output clock.
   * @returns its decoding time, ms; null for one that is not wanted
   */
  place(packet: Packet): number | null {
    const way = this.ways.get(packet.streamIndex);
    if (!way) return null;
    if (packet.dts === NO_TIME) packet.dts = packet.pts;
    if (packet.dts === NO_TIME) return null;
    if (packet.pts === NO_TIME) packet.pts = packet.dts;
    packet.rescaleTs(way.timeBase, new Rational(1, 1000));
    this.zeroMs ??= Number(packet.dts) - this.highestMs;
    const shift = BigInt(Math.round(this.zeroMs));
    const dts = Math.max(Number(packet.dts - shift), way.lastMs, 0);
    const pts = Math.max(Number(packet.pts - shift), dts);
    way.lastMs = dts;
    this.highestMs = Math.max(this.highestMs, dts);
    packet.dts = BigInt(dts);
    packet.pts = BigInt(pts);
    packet.streamIndex = way.index;
    return dts;
  }

  /** @returns false when the muxer does not take it */
  async write(packet: Packet): Promise<boolean> {
    return (await this.format.writeFrame(packet)) >= 0;
  }

  /** The source starts over: its next packet follows the last one. */
  beginAgain(): void {
    this.zeroMs = null;
    this.highestMs += FRAME_MS;
  }
}
