import { type AudioFrame, AudioStream, type RemoteTrack } from '@livekit/rtc-node';

/** Where the samples go: 48 kHz, stereo, interleaved s16. */
export type Samples = { write(samples: Int16Array): void };

/** Carries one sound track into its buffer, 10 ms at a time. */
export class AudioTap {
  readonly sink: Samples;
  readonly #reader: ReadableStreamDefaultReader<AudioFrame>;

  constructor(track: RemoteTrack, sink: Samples) {
    this.sink = sink;
    this.#reader = new AudioStream(track, 48_000, 2).getReader();
    void this.#read();
  }

  close(): void {
    this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) return;
      this.sink.write(value.data);
    }
  }
}
