import { TRACK_ID } from './track-head.ts';
import { box, fullBox, u32, u64 } from './write-boxes.ts';

/** One access unit as it lies in the file: length-prefixed NAL units, or one raw frame of sound. Times in the track's timescale. */
export type FragmentSample = {
  duration: number;
  key: boolean;
  /** Presentation minus decode time; absent is 0. */
  offset?: number;
  data: Uint8Array;
};

const SYNC = 0x02000000; // depends on no other
const DELTA = 0x01010000; // depends on others, no random access point
/** Data offset; duration, size and flags of each sample. */
const TRUN_FLAGS = 0x000001 | 0x000100 | 0x000200 | 0x000400;
const TRUN_OFFSETS = 0x000800;

/**
 * One CMAF chunk: `moof` and `mdat`. Durations, sizes and flags are written for each sample, so a chunk stands on its own.
 * @param sequence number of the fragment within the track, from 1
 * @param start decode time of the first sample
 * @param samples decode order, gapless
 * @throws RangeError without samples
 * Source: ISO/IEC 23000-19 7.3.2.3, ISO/IEC 14496-12 8.8
 */
export function writeFragment(sequence: number, start: number, samples: readonly FragmentSample[]): Uint8Array {
  if (samples.length === 0) throw new RangeError('a fragment needs a sample');
  const isReordered = samples.some(({ offset }) => offset);
  const rows = samples.map(({ duration, data, key, offset = 0 }) => {
    const flags = key ? SYNC : DELTA;
    return isReordered ? u32(duration, data.length, flags, offset) : u32(duration, data.length, flags);
  });
  const tfhd = fullBox('tfhd', 0, 0x020000, u32(TRACK_ID)); // default-base-is-moof
  const tfdt = fullBox('tfdt', 1, 0, u64(start));
  const mfhd = fullBox('mfhd', 0, 0, u32(sequence >>> 0));
  const flags = TRUN_FLAGS | (isReordered ? TRUN_OFFSETS : 0);
  const write = (dataOffset: number) => {
    // Version 1: offsets may be below 0.
    const trun = fullBox('trun', isReordered ? 1 : 0, flags, u32(samples.length, dataOffset), ...rows);
    return box('moof', mfhd, box('traf', tfhd, tfdt, trun));
  };
  const moof = write(write(0).length + 8);
  const media = box('mdat', ...samples.map(({ data }) => data));
  const all = new Uint8Array(moof.length + media.length);
  all.set(moof);
  all.set(media, moof.length);
  return all;
}
