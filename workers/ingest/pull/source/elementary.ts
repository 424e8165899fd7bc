import { nalType } from '../../publish/h264.ts';

/** NAL units of a byte stream (ITU-T H.264, Annex B), without their start codes. */
export function nalsOf(data: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let begin = -1;
  for (let at = data.indexOf(START); at !== -1; at = data.indexOf(START, at + START.length)) {
    if (begin !== -1) nals.push(trimmed(data.subarray(begin, at)));
    begin = at + START.length;
  }
  if (begin !== -1) nals.push(trimmed(data.subarray(begin)));
  return nals.filter((nal) => nal.length > 0);
}

const START = Buffer.from([0, 0, 1]);
const SPS = 7;
const PPS = 8;

/** Zeros before the next start code are no part of a unit. */
function trimmed(nal: Buffer): Buffer {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end -= 1;
  return nal.subarray(0, end);
}

/** The parameter sets in an H.264 byte stream, as a decoder wants them beforehand; null unless both kinds are there. */
export function parameterSets(data: Buffer): { extradata: Buffer; sps: Buffer } | null {
  const sets = nalsOf(data).filter((nal) => nalType(nal) === SPS || nalType(nal) === PPS);
  const sps = sets.find((nal) => nalType(nal) === SPS);
  if (!sps || !sets.some((nal) => nalType(nal) === PPS)) return null;
  return { extradata: Buffer.concat(sets.flatMap((nal) => [Buffer.from([0]), START, nal])), sps };
}

const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/** Samples a second by an ADTS header (ISO 14496-3, 1.A.2.2); null where none begins. */
export function readAdtsRate(data: Buffer): number | null {
  if (data.length < 7 || (data.readUInt16BE(0) & 0xfff6) !== 0xfff0) return null;
  return RATES[(data.readUInt8(2) >> 2) & 0x0f] ?? null;
}
