import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AV_PIX_FMT_YUV420P,
  AV_PKT_FLAG_KEY,
  AVFMT_FLAG_FLUSH_PACKETS,
  AVIO_FLAG_WRITE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { FFmpegError, FormatContext, IOContext, Packet, Rational } from 'node-av/lib';
import type { PushMedia } from '../flv-payload.ts';
import type { SrtTarget } from './srt-messages.ts';

const CLOCK = 90_000;
const CONNECT_MS = 5000;
/** A write that libsrt cannot take for so long fails. */
const WRITE_US = 10_000_000;
/** Seconds of stream that libsrt may hold; what comes then waits on our side, where it is cut at key frames. */
const BUFFER_S = 2;
const BUFFER_BYTES_MIN = 1_000_000;

export type Piece = { kind: 'video' | 'audio'; ms: number; key: boolean; data: Uint8Array };

/** MPEG-TS over one SRT connection, by FFmpeg's muxer and libsrt. Its calls wait on the network: only for a process of its own. */
export class SrtWriter {
  readonly #format = new FormatContext();
  readonly #packet = new Packet();
  readonly #io = new IOContext();
  readonly #lastTimes = new Map<number, number>();
  #video = -1;
  #audio = -1;

  /** @throws FFmpegError when the other side refuses or stays silent for 5 s; nothing stays open then */
  static async open(target: SrtTarget, media: PushMedia): Promise<SrtWriter> {
    const writer = new SrtWriter();
    FFmpegError.throwIfError(await writer.#io.open2(urlOf(target, media), AVIO_FLAG_WRITE), 'connect');
    try {
      await writer.#describe(media);
    } catch (error) {
      await writer.close();
      throw error;
    }
    return writer;
  }

  /** @param data NAL units with 32-bit lengths, or one raw AAC frame @throws FFmpegError when the connection is lost */
  async write({ kind, ms, key, data }: Piece): Promise<void> {
    const stream = kind === 'video' ? this.#video : this.#audio;
    if (stream < 0) return;
    this.#packet.unref();
    this.#packet.data = Buffer.from(data);
    this.#packet.streamIndex = stream;
    // FFmpeg gives a connection up over a time that does not grow.
    const time = Math.max(ms * (CLOCK / 1000), (this.#lastTimes.get(stream) ?? -1) + 1);
    this.#lastTimes.set(stream, time);
    this.#packet.pts = BigInt(time);
    this.#packet.dts = this.#packet.pts;
    if (key) this.#packet.setFlags(AV_PKT_FLAG_KEY);
    FFmpegError.throwIfError(await this.#format.writeFrame(this.#packet), 'send');
  }

  /** Ends the connection and frees everything. */
  async close(): Promise<void> {
    this.#format.interrupt();
    this.#packet.free();
    this.#format.pb = null;
    this.#format.freeContext();
    await this.#io.closep();
  }

  async #describe({ video, audio }: PushMedia): Promise<void> {
    const format = this.#format;
    this.#packet.alloc();
    FFmpegError.throwIfError(format.allocOutputContext2(null, 'mpegts', null), 'make the muxer');
    format.pb = this.#io;
    format.setFlags(AVFMT_FLAG_FLUSH_PACKETS);
    if (video) {
      const stream = format.newStream();
      this.#video = stream.index;
      stream.timeBase = new Rational(1, CLOCK);
      stream.codecpar.codecType = AVMEDIA_TYPE_VIDEO;
      stream.codecpar.codecId = AV_CODEC_ID_H264;
      stream.codecpar.format = AV_PIX_FMT_YUV420P;
      stream.codecpar.width = video.width;
      stream.codecpar.height = video.height;
      stream.codecpar.extradata = Buffer.from(video.avcC);
    }
    if (audio) {
      const stream = format.newStream();
      this.#audio = stream.index;
      stream.timeBase = new Rational(1, CLOCK);
      stream.codecpar.codecType = AVMEDIA_TYPE_AUDIO;
      stream.codecpar.codecId = AV_CODEC_ID_AAC;
      stream.codecpar.sampleRate = 48_000;
      stream.codecpar.frameSize = 1024;
      stream.codecpar.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
      stream.codecpar.extradata = Buffer.from(audio.config);
    }
    FFmpegError.throwIfError(await format.writeHeader(), 'write the header');
  }
}

/** FFmpeg's form; latency is in microseconds there. Lives in this process's memory only. */
function urlOf(target: SrtTarget, media: PushMedia): string {
  const kbps = (media.video?.bitrateKbps ?? 0) + (media.audio?.bitrateKbps ?? 0);
  const buffer = Math.max(BUFFER_BYTES_MIN, Math.round((kbps * 1000 * BUFFER_S) / 8));
  const options: Record<string, string | number> = {
    mode: 'caller',
    transtype: 'live',
    pkt_size: 1316,
    connect_timeout: CONNECT_MS,
    timeout: WRITE_US,
    latency: target.latencyMs * 1000,
    // Never drop silently inside libsrt: a slow receiver has to be felt, so that whole groups are left out and it can be told.
    snddropdelay: -1,
    sndbuf: buffer,
    ...(target.streamId && { streamid: target.streamId.replace(/[%&+\s]/g, encodeURIComponent) }),
    // FFmpeg decodes an id, but of a passphrase only the plus: `srt-url.ts` refuses what cannot be said so.
    ...(target.passphrase && { passphrase: target.passphrase.replaceAll(' ', '+'), pbkeylen: target.keyLength }),
  };
  const query = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const host = target.address.includes(':') ? `[${target.address}]` : target.address;
  return `srt://${host}:${target.port}?${query.join('&')}`;
}
