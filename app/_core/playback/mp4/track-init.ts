import { readBoxes, viewOf } from './read-boxes.ts';

/** What a movie needs of one CMAF header: everything but the samples. */
export type TrackInit = {
  kind: 'video' | 'audio';
  /** Units of time a second. */
  timescale: number;
  /** The whole sample entry (`avc1`, `mp4a`, …) as it stands, codec configuration inside. */
  sampleEntry: Uint8Array;
  /** Picture size in pixels; 0 for sound. */
  width: number;
  height: number;
};

/** `stsd`: version, flags and entry count before the first entry. Source: ISO/IEC 14496-12, 8.5.2. */
const STSD_HEAD = 8;

/** Reads a CMAF header of one track; null when it is none. Only the first sample entry counts (CMAF allows one). */
export function readTrackInit(bytes: Uint8Array): TrackInit | null {
  const data = viewOf(bytes);
  let kind: TrackInit['kind'] | null = null;
  let timescale = 0;
  let sampleEntry: Uint8Array | null = null;
  let [width, height] = [0, 0];
  try {
    for (const { type, start, end } of readBoxes(data)) {
      if (type === 'hdlr') kind = kindOf(data.getUint32(start + 8));
      if (type === 'mdhd') timescale = data.getUint32(start + (data.getUint8(start) === 1 ? 20 : 12));
      if (type === 'tkhd') {
        width = data.getUint32(end - 8) >>> 16;
        height = data.getUint32(end - 4) >>> 16;
      }
      if (type !== 'stsd') continue;
      const [entry] = readBoxes(data, start + STSD_HEAD, end);
      if (entry) sampleEntry = bytes.slice(start + STSD_HEAD, entry.end);
    }
  } catch {
    return null;
  }
  return kind && sampleEntry && timescale > 0 ? { kind, timescale, sampleEntry, width, height } : null;
}

function kindOf(handler: number): TrackInit['kind'] | null {
  if (handler === 0x76696465) return 'video'; // vide
  return handler === 0x736f756e ? 'audio' : null; // soun
}
