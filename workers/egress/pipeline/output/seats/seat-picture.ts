import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { AV_PIX_FMT_YUV420P, FFmpegError, Frame } from 'node-av';

type Size = { width: number; height: number };

/** Makes pictures smaller; a scaled one is the caller's to free. */
export type PictureScaler = { scale(frame: Frame): Promise<Frame>; close(): void };
export type OpenScaler = (from: Size, to: Size) => PictureScaler;

/** A seat is a window in a page, not a cinema: its short side has at most this many lines. */
const MOST_LINES = 720;

/** The size seats get: the program's, or smaller in the same shape; sides even. */
export function seatSize({ width, height }: Size): Size {
  const share = Math.min(1, MOST_LINES / Math.min(width, height));
  const even = (side: number) => Math.round((side * share) / 2) * 2;
  return { width: even(width), height: even(height) };
}

/** Turns composed pictures into what the WebRTC library takes: I420 in one piece, in memory that is used again. */
export class SeatPicture {
  readonly size: Size;
  readonly #bytes: Uint8Array;
  readonly #view = new Frame();
  readonly #scaler: PictureScaler | null;

  constructor(program: Size, openScaler: OpenScaler) {
    this.size = seatSize(program);
    const { width, height } = this.size;
    this.#bytes = new Uint8Array((width * height * 3) / 2);
    this.#scaler = width === program.width && height === program.height ? null : openScaler(program, this.size);
    this.#view.alloc();
    this.#view.width = width;
    this.#view.height = height;
    this.#view.format = AV_PIX_FMT_YUV420P;
    const view = Buffer.from(this.#bytes.buffer);
    FFmpegError.throwIfError(this.#view.fromBuffer(view), 'lay a picture over memory');
  }

  /**
   * @param frame I420 of the program's size; stays the caller's
   * @returns valid until the next call
   */
  async convert(frame: Frame): Promise<VideoFrame> {
    const { width, height } = this.size;
    const sized = this.#scaler ? await this.#scaler.scale(frame) : frame;
    try {
      FFmpegError.throwIfError(this.#view.copy(sized), 'copy a picture for the seats');
    } finally {
      if (sized !== frame) sized.free();
    }
    return new VideoFrame(this.#bytes, width, height, VideoBufferType.I420);
  }

  close(): void {
    this.#view.free();
    this.#scaler?.close();
  }
}
