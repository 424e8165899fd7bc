import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_PIX_FMT_YUV420P,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  Frame,
} from 'node-av';

type Size = { width: number; height: number };

/** Makes a smaller rung's picture out of the one above. */
export class Scaler {
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext;
  readonly #sink: FilterContext;

  constructor(from: Size, to: Size) {
    this.#graph.alloc();
    const size = `width=${from.width}:height=${from.height}`;
    this.#source = this.#create('buffer', `${size}:pix_fmt=${AV_PIX_FMT_YUV420P}:time_base=1/30:sar=1/1`);
    const scale = this.#create('scale', `w=${to.width}:h=${to.height}:flags=bilinear`);
    this.#sink = this.#create('buffersink', null);
    FFmpegError.throwIfError(this.#source.link(0, scale, 0), 'link filters');
    FFmpegError.throwIfError(scale.link(0, this.#sink, 0), 'link filters');
    FFmpegError.throwIfError(this.#graph.configSync(), 'configure the scaler');
  }

  /** @returns a new frame, to be freed by the caller */
  async scale(frame: Frame): Promise<Frame> {
    FFmpegError.throwIfError(this.#source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), 'feed the scaler');
    const out = new Frame();
    out.alloc();
    try {
      FFmpegError.throwIfError(await this.#sink.buffersinkGetFrame(out), 'scale');
      return out;
    } catch (error) {
      out.free();
      throw error;
    }
  }

  close(): void {
    this.#graph.free();
  }

  #create(name: string, args: string | null): FilterContext {
    const filter = Filter.getByName(name);
    const context = filter && this.#graph.createFilter(filter, name, args);
    if (!context) throw new Error(`the filter ${name} cannot be made`);
    return context;
  }
}
