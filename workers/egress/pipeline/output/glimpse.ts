import type { Frame } from 'node-av';
import type { ProgramPicture, ProgramSink } from '../program-sink.ts';
import { ImageMaker } from './images/image-maker.ts';

const WIDTH = 480;

/**
 * One small JPEG of the program when somebody asks, for the inspect page. Costs nothing while nobody does; one picture is worked on at a
 * time, beside the clock.
 */
export class Glimpse implements ProgramSink {
  readonly #answer: (jpeg: Uint8Array | null) => void;
  #wanted = false;
  #working: Promise<void> | null = null;

  constructor(answer: (jpeg: Uint8Array | null) => void) {
    this.#answer = answer;
  }

  ask(): void {
    this.#wanted = true;
  }

  picture({ frame }: ProgramPicture): void {
    if (!this.#wanted || this.#working) return;
    this.#wanted = false;
    // A reference: the pool writes into no frame that is still held.
    const held = frame.clone();
    if (!held) return this.#answer(null);
    this.#working = encodeJpeg(held)
      .then(this.#answer, () => this.#answer(null))
      .finally(() => {
        held.free();
        this.#working = null;
      });
  }

  async close(): Promise<void> {
    await this.#working;
  }
}

/** @param frame I420; stays the caller's */
async function encodeJpeg(frame: Frame): Promise<Uint8Array> {
  const width = Math.min(WIDTH, frame.width);
  const height = Math.round((frame.height * width) / frame.width / 2) * 2;
  const maker = await ImageMaker.open(frame, { width, height }, 'jpeg');
  try {
    return await maker.make(frame);
  } finally {
    maker.close();
  }
}
