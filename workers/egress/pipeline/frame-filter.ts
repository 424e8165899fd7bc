import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_PIX_FMT_YUV420P,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  Frame,
  type HardwareDeviceContext,
} from 'node-av';

type Size = { width: number; height: number };
export type FilterStep = { name: string; args: string | null; device?: HardwareDeviceContext };

/** I420 pictures of one size through a line of FFmpeg's filters, one out for each that goes in. */
export class FrameFilter {
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext;
  readonly #sink: FilterContext;

  /** @throws when a filter cannot be made */
  constructor(from: Size, steps: readonly FilterStep[]) {
    this.#graph.alloc();
    try {
      const size = `width=${from.width}:height=${from.height}`;
      const format = `pix_fmt=${AV_PIX_FMT_YUV420P}:time_base=1/30:sar=1/1`;
      this.#source = this.#create({ name: 'buffer', args: `${size}:${format}` });
      let last = this.#source;
      for (const step of [...steps, { name: 'buffersink', args: null }]) {
        const next = this.#create(step);
        FFmpegError.throwIfError(last.link(0, next, 0), 'link filters');
        last = next;
      }
      this.#sink = last;
      FFmpegError.throwIfError(this.#graph.configSync(), 'configure the filters');
    } catch (error) {
      this.#graph.free();
      throw error;
    }
  }

  /** @returns a new frame, to be freed by the caller */
  async run(frame: Frame): Promise<Frame> {
    FFmpegError.throwIfError(this.#source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), 'feed the filters');
    const out = new Frame();
    out.alloc();
    try {
      FFmpegError.throwIfError(await this.#sink.buffersinkGetFrame(out), 'filter');
      return out;
    } catch (error) {
      out.free();
      throw error;
    }
  }

  close(): void {
    this.#graph.free();
  }

  #create({ name, args, device }: FilterStep): FilterContext {
    const filter = Filter.getByName(name);
    const context = filter && this.#graph.createFilter(filter, name, args);
    if (!context) throw new Error(`the filter ${name} cannot be made`);
    if (device) context.hwDeviceCtx = device;
    return context;
  }
}
