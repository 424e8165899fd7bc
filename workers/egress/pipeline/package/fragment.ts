import { writeFragment as writeSamples } from '#core/playback/mp4/write-fragment';

/** One access unit as it lies in the file: length-prefixed NAL units, or one raw AAC frame. */
export type Sample = {
  /** Decode = presentation time in the track's timescale (no B-frames). */
  pts: number;
  duration: number;
  key: boolean;
  data: Uint8Array;
};

/**
 * One CMAF chunk: moof + mdat.
 * @param sequence number of the fragment within the track, from 1
 * @param samples decode order, gapless: each pts is the one before plus its duration
 */
export function writeFragment(sequence: number, samples: readonly Sample[]): Uint8Array {
  return writeSamples(sequence, samples[0]?.pts ?? 0, samples);
}
