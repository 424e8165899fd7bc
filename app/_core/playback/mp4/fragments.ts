import { type Box, readBoxes, viewOf } from './read-boxes.ts';

/** Samples that lie one after the other in a segment's bytes, in decode order. */
export type SampleRun = {
  /** Decode time of the first sample, in the track's timescale. */
  start: number;
  /** Where the first sample begins in the segment. */
  at: number;
  /** Length of all samples together, in bytes. */
  length: number;
  sizes: Uint32Array;
  durations: Uint32Array;
  /** 1 for a sample that needs no other. */
  sync: Uint8Array;
  /** Presentation minus decode time of each sample; null when all are 0. */
  offsets: Int32Array | null;
};

/** Sum of a run's durations, in the track's timescale. */
export function runDuration({ durations }: Pick<SampleRun, 'durations'>): number {
  let sum = 0;
  for (const duration of durations) sum += duration;
  return sum;
}

type Defaults = { base: number; duration: number; size: number; flags: number };

/** `sample_is_non_sync_sample` of the sample flags. Source: ISO/IEC 14496-12, 8.8.3.1. */
const NON_SYNC = 0x00010000;

/**
 * Runs of samples in a CMAF segment (one track; any number of `moof` + `mdat`). Of a segment that was cut, the last run may reach beyond
 * its bytes.
 * @throws RangeError when boxes are broken inside
 * Source: ISO/IEC 14496-12, 8.8.7, 8.8.8, 8.8.12
 */
export function readRuns(bytes: Uint8Array): SampleRun[] {
  const data = viewOf(bytes);
  const runs: SampleRun[] = [];
  let moof = 0;
  let time = 0;
  let next = 0;
  let defaults: Defaults = { base: 0, duration: 0, size: 0, flags: 0 };
  for (const box of readBoxes(data)) {
    if (box.type === 'moof') moof = box.start - 8;
    if (box.type === 'tfhd') {
      defaults = readDefaults(data, box, moof);
      next = defaults.base;
    }
    if (box.type === 'tfdt') time = readTime(data, box);
    if (box.type !== 'trun') continue;
    const run = readRun(data, box, { defaults, time, next });
    time += runDuration(run);
    next = run.at + run.length;
    if (run.sizes.length > 0) runs.push(run);
  }
  return runs;
}

function readTime(data: DataView, { start }: Box): number {
  return data.getUint8(start) === 1 ? Number(data.getBigUint64(start + 4)) : data.getUint32(start + 4);
}

function readDefaults(data: DataView, { start }: Box, moof: number): Defaults {
  const flags = data.getUint32(start) & 0xffffff;
  let at = start + 8;
  const take = (flag: number, size = 4): number => {
    if (!(flags & flag)) return 0;
    at += size;
    return size === 8 ? Number(data.getBigUint64(at - 8)) : data.getUint32(at - 4);
  };
  const base = take(0x1, 8);
  take(0x2); // sample description index: CMAF has one
  const duration = take(0x8);
  const size = take(0x10);
  const sampleFlags = take(0x20);
  return { base: flags & 0x1 ? base : moof, duration, size, flags: sampleFlags };
}

function readRun(
  data: DataView,
  { start }: Box,
  { defaults, time, next }: { defaults: Defaults; time: number; next: number },
): SampleRun {
  const flags = data.getUint32(start) & 0xffffff;
  const signed = data.getUint8(start) > 0;
  const count = data.getUint32(start + 4);
  let at = start + 8;
  const take = (): number => {
    at += 4;
    return data.getUint32(at - 4);
  };
  const offset = flags & 0x1 ? take() | 0 : null;
  const firstFlags = flags & 0x4 ? take() : null;
  const sizes = new Uint32Array(count);
  const durations = new Uint32Array(count);
  const sync = new Uint8Array(count);
  const offsets = flags & 0x800 ? new Int32Array(count) : null;
  let length = 0;
  for (let i = 0; i < count; i++) {
    durations[i] = flags & 0x100 ? take() : defaults.duration;
    const size = flags & 0x200 ? take() : defaults.size;
    const own = flags & 0x400 ? take() : i === 0 && firstFlags !== null ? firstFlags : defaults.flags;
    sizes[i] = size;
    length += size;
    sync[i] = own & NON_SYNC ? 0 : 1;
    if (offsets) {
      const value = take();
      offsets[i] = signed ? value | 0 : value;
    }
  }
  return { start: time, at: offset === null ? next : defaults.base + offset, length, sizes, durations, sync, offsets };
}
