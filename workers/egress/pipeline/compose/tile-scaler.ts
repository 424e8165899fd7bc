import { AV_PIX_FMT_YUV420P, FFmpegError, SoftwareScaleContext, SWS_AREA, SWS_BILINEAR } from 'node-av';
import type { RawPicture } from './inputs.ts';
import type { PicturePlace } from './picture-place.ts';
import { copyPlanes, newPlanes, type Planes, planesOf, turnPlanes, windowOf } from './planes.ts';

/** swscale writes whole vectors: up to so many bytes of a row, which may be more than its width. */
const VECTOR = 64;

/**
 * Puts one source's pictures into their place in the program: cut, scaled, turned. Made for one shape of source and one place. Where
 * rows end on whole vectors they are scaled straight into the program's memory; elsewhere what lies to the right would be overwritten,
 * so they take the way over memory of their own, and a picture that comes again (a shared screen, 15 frames a second) is not scaled
 * again. A picture of the right size is copied.
 */
export class TileScaler {
  readonly #place: PicturePlace;
  readonly #context: SoftwareScaleContext | null;
  readonly #kept: Planes | null;
  #keptOf: RawPicture | null = null;

  constructor(place: PicturePlace) {
    this.#place = place;
    const { from, to, rotation } = place;
    const sideways = rotation === 90 || rotation === 270;
    const size = sideways ? { width: to.height, height: to.width } : to;
    const same = from.width === size.width && from.height === size.height;
    this.#context = same ? null : openContext(from, size);
    const direct = rotation === 0 && (same || (to.width / 2) % VECTOR === 0);
    this.#kept = direct ? null : newPlanes(size.width, size.height, VECTOR);
  }

  /**
   * Draws a picture; its bytes have to stay until this is done.
   * @throws when swscale refuses
   */
  async draw(picture: RawPicture, program: Planes): Promise<void> {
    const { from, to, rotation } = this.#place;
    const target = windowOf(program, to);
    const source = windowOf(planesOf(picture), from);
    const kept = this.#kept;
    if (!kept) return this.#scale(source, target);
    if (this.#keptOf !== picture) {
      this.#keptOf = null;
      await this.#scale(source, kept);
      this.#keptOf = picture;
    }
    if (rotation === 0) copyPlanes(kept, target);
    else turnPlanes(kept, target, rotation);
  }

  close(): void {
    this.#context?.freeContext();
    this.#keptOf = null;
  }

  async #scale(source: Planes, target: Planes): Promise<void> {
    if (!this.#context) return copyPlanes(source, target);
    const code = await this.#context.scale(
      source.map(({ data }) => asBuffer(data)),
      source.map(({ stride }) => stride),
      0,
      this.#place.from.height,
      target.map(({ data }) => asBuffer(data)),
      target.map(({ stride }) => stride),
    );
    FFmpegError.throwIfError(code, 'scale a picture');
  }
}

type Size = { width: number; height: number };

function openContext(from: Size, to: Size): SoftwareScaleContext {
  const context = new SoftwareScaleContext();
  const shrinks = to.width <= from.width && to.height <= from.height;
  // Area means every pixel counts once: as clean as bilinear when shrinking, at two thirds of its time.
  const flags = shrinks ? SWS_AREA : SWS_BILINEAR;
  const format = AV_PIX_FMT_YUV420P;
  context.getContext(from.width, from.height, format, to.width, to.height, format, flags);
  return context;
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
