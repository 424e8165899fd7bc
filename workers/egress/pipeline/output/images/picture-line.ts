import { Frame } from 'node-av';
import type { Logger } from 'pino';
import type { ProgramPicture, ProgramSink } from '../../program-sink.ts';

export type PictureLineSettings = {
  fps: number;
  /** Whether a picture is taken at this instant, s since the start of this process's output. */
  isDue(picture: { atS: number; showsSource: boolean }): boolean;
  /** What becomes of it; the frame is valid until the promise is settled. */
  take(frame: Frame, atS: number): Promise<void>;
  onClose?(): Promise<void>;
  log: Logger;
};

/**
 * Takes a picture of the program now and then. The clock pays for one copy of it (under half a millisecond), all else runs beside; a
 * picture that comes while the last one is still worked on is not taken. A failure is told once in a while and costs that picture only.
 */
export class PictureLine implements ProgramSink {
  readonly #settings: PictureLineSettings;
  readonly #copy = new Frame();
  #shape = '';
  #work: Promise<void> | null = null;
  #failures = 0;
  #closed = false;

  constructor(settings: PictureLineSettings) {
    this.#settings = settings;
    this.#copy.alloc();
  }

  picture({ frame, tick, showsSource }: ProgramPicture): void {
    const { fps, isDue, take, log } = this.#settings;
    const atS = tick / fps;
    if (this.#work || this.#closed || !isDue({ atS, showsSource })) return;
    try {
      this.#keep(frame);
    } catch (error) {
      this.#tell(log, error);
      return;
    }
    this.#work = take(this.#copy, atS)
      .then(() => {
        this.#failures = 0;
      })
      .catch((error) => this.#tell(log, error))
      .finally(() => {
        this.#work = null;
      });
  }

  /** Resolves when the picture that was taken is dealt with. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
    await this.#settings.onClose?.();
    this.#copy.free();
  }

  #keep(frame: Frame): void {
    const shape = `${frame.width}x${frame.height} ${frame.format}`;
    // Filters may still hold what was handed to them last time: then the copy gets memory of its own.
    if (shape !== this.#shape || !this.#copy.isWritable) {
      this.#copy.unref();
      this.#copy.width = frame.width;
      this.#copy.height = frame.height;
      this.#copy.format = frame.format;
      if (this.#copy.getBuffer() < 0) throw new Error('there is no memory for a picture');
      this.#shape = shape;
    }
    if (this.#copy.copy(frame) < 0) throw new Error('a picture cannot be copied');
    this.#copy.pts = 0n;
  }

  #tell(log: Logger, error: unknown): void {
    if (this.#failures++ % 100 === 0) log.warn({ err: String(error) }, 'a still picture could not be made');
  }
}
