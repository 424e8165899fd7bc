/**
 * Reads the little of CMAF (ISO/IEC 14496-12, 23000-19) that a lost index must be rebuilt from: what an init segment describes and
 * how long a segment is. Box names are those of 14496-12.
 */

type Box = { type: string; start: number; end: number };

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf', 'mvex']);

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Every box, containers before what they hold; `start` is the first byte after the header. Stops at the first broken size. */
function* boxes(data: DataView, from = 0, to = data.byteLength): Generator<Box> {
  let at = from;
  while (at + 8 <= to) {
    const size = data.getUint32(at);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => data.getUint8(at + i)));
    if (size < 8 || at + size > to) return;
    const box = { type, start: at + 8, end: at + size };
    yield box;
    if (CONTAINERS.has(type)) yield* boxes(data, box.start, box.end);
    at += size;
  }
}

const hex = (value: number) => value.toString(16).padStart(2, '0');

export type InitFacts = { kind: 'video' | 'audio'; codecs: string; width?: number; height?: number; timescale: number };

/** Bytes of a sample description box before its first entry, and of a VisualSampleEntry before its boxes (14496-12 8.5.2, 12.1.3). */
const STSD_HEAD = 8;
const VISUAL_ENTRY = 78;

function describeEntry(data: DataView, stsd: Box): Omit<InitFacts, 'timescale'> | null {
  const [entry] = boxes(data, stsd.start + STSD_HEAD, stsd.end);
  if (entry?.type === 'mp4a') return { kind: 'audio', codecs: 'mp4a.40.2' };
  if (entry?.type !== 'avc1') return null;
  const [width, height] = [data.getUint16(entry.start + 24), data.getUint16(entry.start + 26)];
  for (const box of boxes(data, entry.start + VISUAL_ENTRY, entry.end)) {
    if (box.type !== 'avcC') continue;
    const profile = [1, 2, 3].map((i) => hex(data.getUint8(box.start + i))).join('');
    return { kind: 'video', codecs: `avc1.${profile}`, width, height };
  }
  return null;
}

/** What an init segment says of its one track; null when it is none of ours. */
export function readInit(bytes: Uint8Array): InitFacts | null {
  const data = view(bytes);
  let timescale = 0;
  let entry: Omit<InitFacts, 'timescale'> | null = null;
  try {
    for (const { type, start, end } of boxes(data)) {
      if (type === 'mdhd') timescale = data.getUint32(start + (data.getUint8(start) === 1 ? 20 : 12));
      if (type === 'stsd') entry = describeEntry(data, { type, start, end });
    }
  } catch {
    return null;
  }
  return entry && timescale > 0 ? { ...entry, timescale } : null;
}

/** Duration of one `trun` in the track's own units (14496-12 8.8.8). */
function trunDuration(data: DataView, { start }: Box, defaultDuration: number): number {
  const flags = data.getUint32(start) & 0xffffff;
  const count = data.getUint32(start + 4);
  if (!(flags & 0x100)) return count * defaultDuration;
  const before = (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  const each = [0x100, 0x200, 0x400, 0x800].reduce((size, flag) => size + (flags & flag ? 4 : 0), 0);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += data.getUint32(start + 8 + before + i * each);
  return sum;
}

/** Default sample duration of a `tfhd` (14496-12 8.8.7), 0 when it has none. */
function tfhdDefault(data: DataView, { start }: Box): number {
  const flags = data.getUint32(start) & 0xffffff;
  if (!(flags & 0x8)) return 0;
  return data.getUint32(start + 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0));
}

/** Duration of a segment in 1/90000 s, all its fragments together; null when that cannot be read. */
export function readSegmentTicks(bytes: Uint8Array, timescale: number): number | null {
  const data = view(bytes);
  let sum = 0;
  let fallback = 0;
  try {
    for (const box of boxes(data)) {
      if (box.type === 'tfhd') fallback = tfhdDefault(data, box);
      if (box.type === 'trun') sum += trunDuration(data, box, fallback);
    }
  } catch {
    return null;
  }
  return sum > 0 ? Math.round((sum * 90_000) / timescale) : null;
}
