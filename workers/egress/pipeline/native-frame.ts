import { AV_PIX_FMT_YUV420P, FFmpegError, Frame } from 'node-av';

/** I420 planes without padding, chroma sides rounded up. */
export type Picture = { data: Uint8Array; width: number; height: number };

/**
 * A picture in FFmpeg's own memory. `Frame.fromVideoBuffer` only points into the JavaScript buffer and does not keep it alive: what
 * filters and encoders hold on to would be collected under them.
 */
export function copyToFrame(picture: Picture): Frame {
  const frame = emptyFrame();
  setShape(frame, picture);
  try {
    FFmpegError.throwIfError(frame.getBuffer(), 'make room for a picture');
    copyInto(frame, picture, emptyFrame());
    return frame;
  } catch (error) {
    frame.free();
    throw error;
  }
}

const KEEP = 4;

/**
 * The same with frames that are used again. Besides the time, glibc's aligned allocation does not reuse a freed picture of the same
 * size while something small lies behind it: fresh frames at 30 a second made the process grow by 40 MB a second.
 */
export class FramePool {
  readonly #view = emptyFrame();
  readonly #idle: Frame[] = [];

  take(picture: Picture): Frame {
    // A filter may still hold the picture before: then that frame is not to be written to yet.
    const at = this.#idle.findIndex(
      (frame) => frame.width === picture.width && frame.height === picture.height && frame.isWritable,
    );
    const [known] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (!known) return copyToFrame(picture);
    copyInto(known, picture, this.#view);
    return known;
  }

  release(frame: Frame): void {
    this.#idle.push(frame);
    if (this.#idle.length > KEEP) this.#idle.shift()?.free();
  }

  close(): void {
    for (const frame of this.#idle.splice(0)) frame.free();
    this.#view.free();
  }
}

function copyInto(frame: Frame, picture: Picture, view: Frame): void {
  const { data } = picture;
  setShape(view, picture);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  FFmpegError.throwIfError(view.fromBuffer(bytes), 'look at a picture');
  FFmpegError.throwIfError(frame.copy(view), 'copy a picture');
  frame.pts = 0n;
}

function setShape(frame: Frame, { width, height }: Picture): void {
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
}

function emptyFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}
