import type { Frame } from 'node-av';

/** One composed picture as sinks see it. */
export type ProgramPicture = {
  /** I420, the program's size. Belongs to the pipeline and is valid during the call only: copy what has to stay. */
  frame: Frame;
  /** Tick number: `tick / fps` seconds since the start of this process's output. */
  tick: number;
  showsSource: boolean;
};

/**
 * Something fed with the program itself, beside the encoders: images, seats. It must return at once and drop what it cannot take: the
 * clock waits for nobody.
 */
export type ProgramSink = {
  picture?(picture: ProgramPicture): void;
  /** 1,024 samples, left then right, 48 kHz; `pts` in samples since the start. The array is the sink's to keep, not to change. */
  sound?(block: Float32Array, pts: number): void;
  close(): Promise<void>;
};
