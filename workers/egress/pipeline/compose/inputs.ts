import type { StageSource } from '#core/scene/boxes-of';
import type { RoomMetadata } from '#core/scene/scene';

/** What the compositor wants from the sources; `source/` provides it. */

/** A decoded picture: I420 planes without padding, chroma sides rounded up. */
export type RawPicture = {
  data: Uint8Array;
  width: number;
  height: number;
  /** Clockwise, to be undone before drawing. */
  rotation: 0 | 90 | 180 | 270;
  /** Monotonic ms at which it came. */
  atMs: number;
};

/** One video track: the newest picture, or null before the first. */
export type PictureTap = { latest(): RawPicture | null };

/** One sound track fills one of these: 48 kHz stereo, interleaved s16. */
export type SoundSink = { write(samples: Int16Array): void };

/** One person in the room with their taps; a tap is null while its track is not received. */
export type Person<Sound = SoundSink> = StageSource & {
  cameraTap: PictureTap | null;
  screenTap: PictureTap | null;
  sounds: Sound[];
};

/** The room as the compositor sees it at a tick; `version` rises with every change. */
export type StageView<Sound = SoundSink> = {
  version: number;
  people: readonly Person<Sound>[];
  activeSpeaker: string | null;
  /** Last readable metadata; null = none yet. */
  metadata: RoomMetadata | null;
};
