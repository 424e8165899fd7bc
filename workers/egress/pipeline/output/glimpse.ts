import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  Codec,
  CodecContext,
  FF_ENCODER_MJPEG,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  Frame,
  Packet,
  Rational,
} from 'node-av';
import type { ProgramPicture, ProgramSink } from '../program-sink.ts';

const WIDTH = 480;
/** JPEG's quantiser, 1 (best) to 31. */
const QUALITY = 6;

/**
 * One small JPEG of the program when somebody asks, for the inspect page. Costs nothing while nobody does; one picture is worked on at a
 * time, beside the clock.
 */
export class Glimpse implements ProgramSink {
  readonly #answer: (jpeg: Uint8Array | null) => void;
  #wanted = false;
  #working: Promise<void> | null = null;

  constructor(answer: (jpeg: Uint8Array | null) => void) {
    this.#answer = answer;
  }

  ask(): void {
    this.#wanted = true;
  }

  picture({ frame }: ProgramPicture): void {
    if (!this.#wanted || this.#working) return;
    this.#wanted = false;
    // A reference: the pool writes into no frame that is still held.
    const held = frame.clone();
    if (!held) return this.#answer(null);
    this.#working = encodeJpeg(held)
      .then(this.#answer, () => this.#answer(null))
      .finally(() => {
        held.free();
        this.#working = null;
      });
  }

  async close(): Promise<void> {
    await this.#working;
  }
}

/** @param frame I420; stays the caller's */
async function encodeJpeg(frame: Frame): Promise<Uint8Array> {
  const width = Math.min(WIDTH, frame.width);
  const height = Math.round((frame.height * width) / frame.width / 2) * 2;
  const small = await shrink(frame, width, height);
  const context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG);
    if (!codec) throw new Error('the JPEG encoder is missing in this build of node-av');
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 1);
    context.qMin = QUALITY;
    context.qMax = QUALITY;
    context.threadCount = 1;
    FFmpegError.throwIfError(await context.open2(codec, null), 'open mjpeg');
    small.pts = 0n;
    FFmpegError.throwIfError(await context.sendFrame(small), 'encode a small picture');
    FFmpegError.throwIfError(await context.receivePacket(packet), 'encode a small picture');
    return new Uint8Array(packet.data ?? []);
  } finally {
    small.free();
    packet.free();
    context.freeContext();
  }
}

/** @returns a new frame in JPEG's full range */
async function shrink(frame: Frame, width: number, height: number): Promise<Frame> {
  const graph = new FilterGraph();
  graph.alloc();
  const create = (name: string, args: string | null): FilterContext => {
    const filter = Filter.getByName(name);
    const context = filter && graph.createFilter(filter, name, args);
    if (!context) throw new Error(`the filter ${name} cannot be made`);
    return context;
  };
  const out = new Frame();
  out.alloc();
  try {
    const size = `width=${frame.width}:height=${frame.height}`;
    const source = create('buffer', `${size}:pix_fmt=${AV_PIX_FMT_YUV420P}:time_base=1/30:sar=1/1`);
    const scale = create('scale', `w=${width}:h=${height}:flags=bilinear:out_range=full`);
    const format = create('format', 'pix_fmts=yuvj420p');
    const sink = create('buffersink', null);
    FFmpegError.throwIfError(source.link(0, scale, 0), 'link filters');
    FFmpegError.throwIfError(scale.link(0, format, 0), 'link filters');
    FFmpegError.throwIfError(format.link(0, sink, 0), 'link filters');
    FFmpegError.throwIfError(graph.configSync(), 'configure the small picture');
    FFmpegError.throwIfError(await source.buffersrcAddFrame(frame), 'feed the small picture');
    FFmpegError.throwIfError(await sink.buffersinkGetFrame(out), 'shrink');
    return out;
  } catch (error) {
    out.free();
    throw error;
  } finally {
    graph.free();
  }
}
