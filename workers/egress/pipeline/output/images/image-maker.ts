import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  Codec,
  CodecContext,
  FF_ENCODER_MJPEG,
  FF_ENCODER_PNG,
  FF_QP2LAMBDA,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  Frame,
  Packet,
  Rational,
} from 'node-av';

export type Size = { width: number; height: number };

/** Of 2 (best) to 31: no visible blocks at a third of the bytes of the best. */
const JPEG_QUALITY = 5;

/** Makes one size of still pictures out of I420 frames. Scaling and encoding run on the thread pool. */
export class ImageMaker {
  readonly #graph = new FilterGraph();
  readonly #ends: { source: FilterContext; sink: FilterContext };
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  #serial = 0n;

  /** Owns the context from here on, whether it throws or not. */
  private constructor(from: Size, to: Size, pixels: 'yuv420p' | 'rgb24', context: CodecContext) {
    this.#context = context;
    try {
      this.#packet.alloc();
      this.#ends = this.#connect(from, to, pixels);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #connect(from: Size, to: Size, pixels: string): { source: FilterContext; sink: FilterContext } {
    this.#graph.alloc();
    const size = `width=${from.width}:height=${from.height}`;
    const pictures = `${size}:pix_fmt=${AV_PIX_FMT_YUV420P}:time_base=1/30:sar=1/1`;
    const source = this.#create('buffer', `${pictures}:colorspace=${AVCOL_SPC_BT709}:range=${AVCOL_RANGE_MPEG}`);
    // What readers of JPEG expect: BT.601, full range.
    const colors = 'in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc';
    const scale = this.#create('scale', `w=${to.width}:h=${to.height}:flags=area:${colors}`);
    const format = this.#create('format', `pix_fmts=${pixels}`);
    const sink = this.#create('buffersink', null);
    FFmpegError.throwIfError(source.link(0, scale, 0), 'link filters');
    FFmpegError.throwIfError(scale.link(0, format, 0), 'link filters');
    FFmpegError.throwIfError(format.link(0, sink, 0), 'link filters');
    FFmpegError.throwIfError(this.#graph.configSync(), 'configure the image scaler');
    return { source, sink };
  }

  /** @throws when the encoder is missing, or the sizes are none; nothing is kept then */
  static async open(from: Size, to: Size, kind: 'jpeg' | 'png'): Promise<ImageMaker> {
    const codec = Codec.findEncoderByName(kind === 'jpeg' ? FF_ENCODER_MJPEG : FF_ENCODER_PNG);
    if (!codec) throw new Error(`this build of node-av cannot write ${kind}`);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = to.width;
    context.height = to.height;
    context.timeBase = new Rational(1, 30);
    context.threadCount = 1;
    context.pixelFormat = kind === 'jpeg' ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_RGB24;
    if (kind === 'jpeg') {
      context.colorRange = AVCOL_RANGE_JPEG;
      context.setFlags(AV_CODEC_FLAG_QSCALE);
      context.globalQuality = JPEG_QUALITY * FF_QP2LAMBDA;
    }
    try {
      FFmpegError.throwIfError(await context.open2(codec, null), `open ${kind}`);
    } catch (error) {
      context.freeContext();
      throw error;
    }
    return new ImageMaker(from, to, kind === 'jpeg' ? 'yuv420p' : 'rgb24', context);
  }

  /** One picture as a file. Not to be called again before it is done; the frame stays the caller's. */
  async make(frame: Frame): Promise<Buffer> {
    FFmpegError.throwIfError(
      this.#ends.source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF),
      'feed the image scaler',
    );
    const scaled = new Frame();
    scaled.alloc();
    try {
      FFmpegError.throwIfError(await this.#ends.sink.buffersinkGetFrame(scaled), 'scale an image');
      scaled.pts = this.#serial++;
      if (this.#context.globalQuality > 0) scaled.quality = this.#context.globalQuality;
      FFmpegError.throwIfError(await this.#context.sendFrame(scaled), 'encode an image');
      FFmpegError.throwIfError(await this.#context.receivePacket(this.#packet), 'encode an image');
      const { data } = this.#packet;
      if (!data) throw new Error('the image encoder gave nothing');
      return Buffer.from(data);
    } finally {
      this.#packet.unref();
      scaled.free();
    }
  }

  close(): void {
    this.#graph.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #create(name: string, args: string | null): FilterContext {
    const filter = Filter.getByName(name);
    const context = filter && this.#graph.createFilter(filter, name, args);
    if (!context) throw new Error(`the filter ${name} cannot be made`);
    return context;
  }
}
