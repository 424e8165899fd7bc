import { readRuns, runDuration } from './mp4/fragments.ts';
import { type Box, readBoxes, viewOf } from './mp4/read-boxes.ts';

/**
 * Reads the little of CMAF (ISO/IEC 14496-12, 23000-19) that a lost index must be rebuilt from: what an init segment describes and
 * how long a segment is. Box names are those of 14496-12.
 */

const hex = (value: number) => value.toString(16).padStart(2, '0');

export type InitFacts = { kind: 'video' | 'audio'; codecs: string; width?: number; height?: number; timescale: number };

/** Bytes of a sample description box before its first entry, and of a VisualSampleEntry before its boxes (14496-12 8.5.2, 12.1.3). */
const STSD_HEAD = 8;
const VISUAL_ENTRY = 78;

function describeEntry(data: DataView, stsd: Box): Omit<InitFacts, 'timescale'> | null {
  const [entry] = readBoxes(data, stsd.start + STSD_HEAD, stsd.end);
  if (entry?.type === 'mp4a') return { kind: 'audio', codecs: 'mp4a.40.2' };
  if (entry?.type !== 'avc1') return null;
  const [width, height] = [data.getUint16(entry.start + 24), data.getUint16(entry.start + 26)];
  for (const box of readBoxes(data, entry.start + VISUAL_ENTRY, entry.end)) {
    if (box.type !== 'avcC') continue;
    const profile = [1, 2, 3].map((i) => hex(data.getUint8(box.start + i))).join('');
    return { kind: 'video', codecs: `avc1.${profile}`, width, height };
  }
  return null;
}

/** What an init segment says of its one track; null when it is none of ours. */
export function readInit(bytes: Uint8Array): InitFacts | null {
  const data = viewOf(bytes);
  let timescale = 0;
  let entry: Omit<InitFacts, 'timescale'> | null = null;
  try {
    for (const { type, start, end } of readBoxes(data)) {
      if (type === 'mdhd') timescale = data.getUint32(start + (data.getUint8(start) === 1 ? 20 : 12));
      if (type === 'stsd') entry = describeEntry(data, { type, start, end });
    }
  } catch {
    return null;
  }
  return entry && timescale > 0 ? { ...entry, timescale } : null;
}

/** Duration of a segment in 1/90000 s, all its fragments together; null when that cannot be read. */
export function readSegmentTicks(bytes: Uint8Array, timescale: number): number | null {
  try {
    const sum = readRuns(bytes).reduce((ticks, run) => ticks + runDuration(run), 0);
    return sum > 0 ? Math.round((sum * 90_000) / timescale) : null;
  } catch {
    return null;
  }
}
