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
