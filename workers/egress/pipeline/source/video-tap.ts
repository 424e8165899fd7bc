import { type RemoteTrack, VideoBufferType, type VideoFrame, VideoRotation, VideoStream } from '@livekit/rtc-node';

/** A picture as the compositor takes it. */
export type TappedPicture = {
  data: Uint8Array;
  width: number;
  height: number;
  rotation: 0 | 90 | 180 | 270;
  atMs: number;
};

const DEGREES: Partial<Record<VideoRotation, TappedPicture['rotation']>> = {
  [VideoRotation.VIDEO_ROTATION_90]: 90,
  [VideoRotation.VIDEO_ROTATION_180]: 180,
  [VideoRotation.VIDEO_ROTATION_270]: 270,
};

/** Keeps the newest decoded picture of one track; older ones are dropped unread. */
export class VideoTap {
  readonly #reader: ReadableStreamDefaultReader<{ frame: VideoFrame; rotation: VideoRotation }>;
  #latest: TappedPicture | null = null;
  /** Pictures received so far. */
  frames = 0;

  constructor(track: RemoteTrack, onFirst: () => void) {
    this.#reader = new VideoStream(track).getReader();
    void this.#read(onFirst);
  }

  latest(): TappedPicture | null {
    return this.#latest;
  }

  /** An unsubscribed track gives no end of stream: its stream has to be closed by us. */
  close(): void {
    this.#reader.cancel().catch(() => {});
    this.#latest = null;
  }

  async #read(onFirst: () => void): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) return;
      const frame = value.frame.type === VideoBufferType.I420 ? value.frame : value.frame.convert(VideoBufferType.I420);
      if (frame.width < 2 || frame.height < 2) continue;
      const { data, width, height } = frame;
      this.#latest = { data, width, height, rotation: DEGREES[value.rotation] ?? 0, atMs: performance.now() };
      if (this.frames++ === 0) onFirst();
    }
  }
}
