import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_PIX_FMT_YUV420P,
  AVERROR_EAGAIN,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  Frame,
} from 'node-av';
import type { Placement } from './graph-plan.ts';

/** A picture that does not change while the graph lives: background, card, label. */
export type Still = { frame: Frame; x: number; y: number };

/**
 * A libavfilter graph that draws one program picture from some sources and stills. It is made for one arrangement of boxes and
 * source sizes; another arrangement is another graph. Filters are linked by hand: no description text, so nothing to inject.
 */
export class MixGraph {
  readonly #graph = new FilterGraph();
  readonly #sources: FilterContext[] = [];
  readonly #sink: FilterContext;
  readonly #stills: [FilterContext, Frame][] = [];
  #filters = 0;
  #serial = 0;

  /** @param background a still of the program's size; the others are drawn over it in order: pictures, then stills */
  constructor(input: { fps: number; background: Frame; placements: readonly Placement[]; stills: readonly Still[] }) {
    this.#graph.alloc();
    this.#graph.nbThreads = 2;
    try {
      const layers = [
        this.#still(input.background, input.fps),
        ...input.placements.map((one) => this.#picture(one, input.fps)),
      ];
      layers.push(...input.stills.map((still) => this.#still(still.frame, input.fps)));
      const places = ['0_0', ...[...input.placements, ...input.stills].map(({ x, y }) => `${x}_${y}`)];
      this.#sink = this.#create('buffersink', null);
      const [only] = layers;
      if (only && layers.length === 1) link(only, this.#sink, 0);
      else {
        const stack = this.#create('xstack', `inputs=${layers.length}:layout=${places.join('|')}`);
        for (const [index, layer] of layers.entries()) link(layer, stack, index);
        link(stack, this.#sink, 0);
      }
      FFmpegError.throwIfError(this.#graph.configSync(), 'configure the picture graph');
      for (const [source, frame] of this.#stills) {
        FFmpegError.throwIfError(source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), 'feed a still');
        FFmpegError.throwIfError(source.buffersrcAddFrameSync(null), 'feed a still');
      }
    } catch (error) {
      this.#graph.free();
      throw error;
    }
  }

  /**
   * Draws one picture. Frames stay the caller's; they are in the order of the placements.
   * @returns a new frame, to be freed by the caller
   */
  async draw(frames: readonly Frame[]): Promise<Frame> {
    const pts = BigInt(this.#serial++);
    for (const [index, frame] of frames.entries()) {
      frame.pts = pts;
      const code = this.#sources[index]?.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF) ?? AVERROR_EAGAIN;
      FFmpegError.throwIfError(code, 'feed a picture');
    }
    const out = new Frame();
    out.alloc();
    try {
      FFmpegError.throwIfError(await this.#sink.buffersinkGetFrame(out), 'draw the picture');
      return out;
    } catch (error) {
      out.free();
      throw error;
    }
  }

  close(): void {
    this.#graph.free();
  }

  #picture({ shape, scale, crop }: Placement, fps: number): FilterContext {
    let last = this.#source(shape, fps);
    this.#sources.push(last);
    const then = (name: string, args: string | null) => {
      const next = this.#create(name, args);
      link(last, next, 0);
      last = next;
    };
    if (shape.rotation === 90) then('transpose', 'dir=clock');
    if (shape.rotation === 270) then('transpose', 'dir=cclock');
    if (shape.rotation === 180) {
      then('hflip', null);
      then('vflip', null);
    }
    then('scale', `w=${scale.width}:h=${scale.height}:flags=bilinear`);
    if (crop) then('crop', `w=${crop.width}:h=${crop.height}:x=${crop.x}:y=${crop.y}`);
    then('setsar', 'sar=1');
    return last;
  }

  #still(frame: Frame, fps: number): FilterContext {
    const source = this.#source(frame, fps);
    this.#stills.push([source, frame]);
    return source;
  }

  #source(shape: { width: number; height: number }, fps: number): FilterContext {
    const size = `width=${shape.width}:height=${shape.height}`;
    return this.#create('buffer', `${size}:pix_fmt=${AV_PIX_FMT_YUV420P}:time_base=1/${fps}:frame_rate=${fps}:sar=1/1`);
  }

  #create(name: string, args: string | null): FilterContext {
    const filter = Filter.getByName(name);
    const context = filter && this.#graph.createFilter(filter, `${name}${this.#filters++}`, args);
    if (!context) throw new Error(`the filter ${name} cannot be made`);
    return context;
  }
}

function link(from: FilterContext, to: FilterContext, pad: number): void {
  FFmpegError.throwIfError(from.link(0, to, pad), 'link filters');
}
