import type { Frame } from 'node-av';
import { FrameFilter } from './frame-filter.ts';

type Size = { width: number; height: number };

/** Makes a smaller rung's picture out of the one above. */
export class Scaler {
  readonly #filter: FrameFilter;

  constructor(from: Size, to: Size) {
    this.#filter = new FrameFilter(from, [{ name: 'scale', args: `w=${to.width}:h=${to.height}:flags=bilinear` }]);
  }

  /** @returns a new frame, to be freed by the caller */
  async scale(frame: Frame): Promise<Frame> {
    return this.#filter.run(frame);
  }

  close(): void {
    this.#filter.close();
  }
}
