import { AV_PIX_FMT_YUV420P, FFmpegError, Frame } from 'node-av';
import type { Rect, Size } from '#core/scene/pixels';
import type { Planes } from './planes.ts';

/** A picture of the program in FFmpeg's memory, with its planes in sight; what was drawn on it last is remembered. */
export type ProgramFrame = {
  frame: Frame;
  planes: Planes;
  /** What its still parts show; null = anything. */
  drawn: string | null;
  /** Places that graphics were laid over. */
  touched: Rect[];
  busy: boolean;
};

/**
 * Program pictures that are used again. Besides the time, glibc's aligned allocation does not reuse a freed picture of the same size
 * while something small lies behind it: fresh frames at 30 a second made the process grow by 40 MB a second.
 */
export class ProgramFrames {
  readonly #size: Size;
  readonly #all: ProgramFrame[] = [];

  constructor(size: Size) {
    this.#size = size;
  }

  /** A frame nobody reads any more, if possible one that shows `wanted` already. An encoder may hold references for a while. */
  take(wanted: string): ProgramFrame {
    const idle = this.#all.filter((one) => !one.busy && one.frame.isWritable);
    const taken = idle.find((one) => one.drawn === wanted) ?? idle[0] ?? this.#make();
    taken.busy = true;
    return taken;
  }

  close(): void {
    for (const { frame } of this.#all.splice(0)) frame.free();
  }

  #make(): ProgramFrame {
    const { width, height } = this.#size;
    const frame = new Frame();
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = AV_PIX_FMT_YUV420P;
    FFmpegError.throwIfError(frame.getBuffer(), 'make room for a picture');
    const { data, linesize } = frame;
    const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
    const plane = (index: number, size: Size) => {
      const bytes = data?.[index];
      const stride = linesize[index];
      if (!bytes || !stride) throw new Error('a picture has no planes');
      return { data: bytes, stride, ...size };
    };
    const planes: Planes = [plane(0, this.#size), plane(1, half), plane(2, half)];
    const made = { frame, planes, drawn: null, touched: [], busy: false };
    this.#all.push(made);
    return made;
  }
}
