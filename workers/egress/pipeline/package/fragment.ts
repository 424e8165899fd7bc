import { TRACK_ID } from './init-segment.ts';
import { box, fullBox, u32, u64 } from './mp4-box.ts';

/** One access unit as it lies in the file: length-prefixed NAL units, or one raw AAC frame. */
export type Sample = {
  /** Decode = presentation time in the track's timescale (no B-frames). */
  pts: number;
  duration: number;
  key: boolean;
  data: Uint8Array;
};

const SYNC = 0x02000000; // depends on no other
const DELTA = 0x01010000; // depends on others, no random access point
// data-offset, sample duration, sample size, sample flags present
const TRUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400;

/**
 * One CMAF chunk: moof + mdat. Durations, sizes and flags are written for each sample, so a chunk stands on its own.
 * @param sequence number of the fragment within the track, from 1
 * @param samples decode order, gapless: each pts is the one before plus its duration
 * Source: ISO/IEC 23000-19 7.3.2.3, ISO/IEC 14496-12 8.8
 */
export function writeFragment(sequence: number, samples: readonly Sample[]): Buffer {
  const first = samples[0];
  if (!first) throw new RangeError('a fragment needs a sample');
  const rows = samples.map((sample) => u32(sample.duration, sample.data.length, sample.key ? SYNC : DELTA));
  const tfhd = fullBox('tfhd', 0, 0x020000, u32(TRACK_ID)); // default-base-is-moof
  const tfdt = fullBox('tfdt', 1, 0, u64(first.pts));
  const mfhd = fullBox('mfhd', 0, 0, u32(sequence >>> 0));
  const write = (dataOffset: number) =>
    box(
      'moof',
      mfhd,
      box('traf', tfhd, tfdt, fullBox('trun', 0, TRUN_FLAGS, u32(samples.length, dataOffset), ...rows)),
    );
  const moof = write(write(0).length + 8);
  return Buffer.concat([moof, box('mdat', ...samples.map((sample) => sample.data))]);
}
