/** H.264 as carried in FLV (avcC, length-prefixed NAL units; ISO 14496-15) and as WebRTC wants it (Annex B). */

export type AvcConfig = { lengthBytes: number; sps: Buffer[]; pps: Buffer[] };
export type SpsFacts = {
  profileIdc: number;
  /** 1 = 4:2:0. */
  chromaFormat: number;
  bitDepth: number;
  width: number;
  height: number;
  interlaced: boolean;
  /** `max_num_reorder_frames` of the VUI; null when it does not say. 0 promises that there are no B-frames. */
  reorderFrames: number | null;
};

/** avcC (ISO 14496-15, 5.3.3.1.2); null when damaged or empty. */
export function parseAvcConfig(bytes: Buffer): AvcConfig | null {
  if (bytes.length < 7 || bytes[0] !== 1) return null;
  const config: AvcConfig = { lengthBytes: (bytes.readUInt8(4) & 3) + 1, sps: [], pps: [] };
  let at = 5;
  for (const [list, mask] of [
    [config.sps, 0x1f],
    [config.pps, 0xff],
  ] as const) {
    const count = (bytes[at] ?? 0) & mask;
    at += 1;
    for (let i = 0; i < count; i += 1) {
      if (at + 2 > bytes.length) return null;
      const length = bytes.readUInt16BE(at);
      if (length === 0 || at + 2 + length > bytes.length) return null;
      list.push(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return config.sps.length > 0 && config.pps.length > 0 ? config : null;
}

const START_CODE = Buffer.from([0, 0, 0, 1]);
const NAL = { idr: 5, sps: 7, pps: 8, delimiter: 9, filler: 12 } as const;

/** NAL units of a length-prefixed picture; stops at the first damaged length. */
export function splitNals(picture: Buffer, lengthBytes: number): Buffer[] {
  const nals: Buffer[] = [];
  let at = 0;
  while (at + lengthBytes <= picture.length) {
    const length = picture.readUIntBE(at, lengthBytes);
    at += lengthBytes;
    if (length > picture.length - at) break;
    if (length > 0) nals.push(picture.subarray(at, at + length));
    at += length;
  }
  return nals;
}

/**
 * One picture in Annex B, parameter sets before each IDR (a late subscriber can begin there), delimiters and filler left out.
 * @returns null when nothing is left to show
 */
export function toAnnexB(picture: Buffer, config: AvcConfig): { data: Buffer; isIdr: boolean } | null {
  const nals = splitNals(picture, config.lengthBytes);
  const kept = nals.filter((nal) => {
    const type = nalType(nal);
    return type !== NAL.delimiter && type !== NAL.filler && type !== NAL.sps && type !== NAL.pps;
  });
  if (kept.length === 0) return null;
  const isIdr = kept.some((nal) => nalType(nal) === NAL.idr);
  const inBand = nals.filter((nal) => nalType(nal) === NAL.sps || nalType(nal) === NAL.pps);
  const isWhole = inBand.some((nal) => nalType(nal) === NAL.sps) && inBand.some((nal) => nalType(nal) === NAL.pps);
  const sets = isIdr && !isWhole ? [...config.sps, ...config.pps, ...inBand] : inBand;
  return { data: Buffer.concat([...sets, ...kept].flatMap((nal) => [START_CODE, nal])), isIdr };
}

export function nalType(nal: Buffer): number {
  return (nal[0] ?? 0) & 0x1f;
}

/** Reads what we decide by from a sequence parameter set (ITU-T H.264, 7.3.2.1.1, E.1.1); null when damaged. */
export function parseSps(sps: Buffer): SpsFacts | null {
  try {
    return readSps(new BitReader(withoutEmulation(sps.subarray(1))));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function readSps(bits: BitReader): SpsFacts {
  const profileIdc = bits.read(8);
  bits.skip(16); // constraint flags, level
  bits.ue();
  let chromaFormat = 1;
  let bitDepth = 8;
  if (HIGH_PROFILES.has(profileIdc)) {
    chromaFormat = bits.ue();
    if (chromaFormat === 3) bits.skip(1);
    bitDepth = 8 + Math.max(bits.ue(), bits.ue());
    bits.skip(1);
    if (bits.read(1) === 1) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8);
  }
  bits.ue();
  skipOrderCount(bits);
  bits.ue();
  bits.skip(1);
  const widthMbs = bits.ue() + 1;
  const heightUnits = bits.ue() + 1;
  const framesOnly = bits.read(1) === 1;
  if (!framesOnly) bits.skip(1);
  bits.skip(1);
  const crop = bits.read(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropY = (chromaFormat === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const reorderFrames = bits.read(1) === 1 ? readReorderFrames(bits) : null;
  return {
    profileIdc,
    chromaFormat,
    bitDepth,
    width: widthMbs * 16 - cropX * (left + right),
    height: heightUnits * 16 * (framesOnly ? 1 : 2) - cropY * (top + bottom),
    interlaced: !framesOnly,
    // Baseline has no B slices.
    reorderFrames: profileIdc === 66 ? 0 : reorderFrames,
  };
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list += 1) {
    if (bits.read(1) === 0) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64); i += 1) {
      if (next !== 0) next = (last + bits.se() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
}

function skipOrderCount(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.skip(1);
  bits.se();
  bits.se();
  const count = bits.ue();
  if (count > 255) throw new RangeError('picture order count cycle');
  for (let i = 0; i < count; i += 1) bits.se();
}

function readReorderFrames(bits: BitReader): number | null {
  if (bits.read(1) === 1 && bits.read(8) === 255) bits.skip(32);
  if (bits.read(1) === 1) bits.skip(1);
  if (bits.read(1) === 1) {
    bits.skip(4);
    if (bits.read(1) === 1) bits.skip(24);
  }
  if (bits.read(1) === 1) {
    bits.ue();
    bits.ue();
  }
  if (bits.read(1) === 1) bits.skip(65);
  const nalHrd = bits.read(1) === 1;
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.read(1) === 1;
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.skip(1);
  bits.skip(1);
  if (bits.read(1) === 0) return null;
  bits.skip(1);
  for (let i = 0; i < 4; i += 1) bits.ue();
  return bits.ue();
}

function skipHrd(bits: BitReader): void {
  const count = bits.ue() + 1;
  if (count > 32) throw new RangeError('HRD count');
  bits.skip(8);
  for (let i = 0; i < count; i += 1) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
}

function withoutEmulation(bytes: Buffer): Buffer {
  const kept: number[] = [];
  for (let i = 0; i < bytes.length; i += 1) {
    const isEscape = bytes[i] === 3 && i >= 2 && bytes[i - 1] === 0 && bytes[i - 2] === 0;
    if (!isEscape) kept.push(bytes[i] ?? 0);
  }
  return Buffer.from(kept);
}

/** Throws RangeError past the end. */
class BitReader {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      const byte = this.bytes[this.at >> 3];
      if (byte === undefined) throw new RangeError('past the end');
      value = value * 2 + ((byte >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length * 8) throw new RangeError('past the end');
  }

  ue(): number {
    let zeros = 0;
    while (this.read(1) === 0) {
      zeros += 1;
      if (zeros > 31) throw new RangeError('exp-golomb');
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }

  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}
