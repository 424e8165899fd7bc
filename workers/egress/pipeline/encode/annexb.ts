/** H.264 byte streams. Source: ITU-T H.264 annex B and 7.3.1; ISO/IEC 14496-15 5.3.3.1. */

const SPS = 7;
const PPS = 8;
const DELIMITER = 9;

/** NAL units between start codes, without the codes and without trailing zeros. */
export function splitNalUnits(stream: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let at = 0; at + 2 < stream.length; ) {
    // The third byte decides: above 1 no start code can begin at any of the three.
    const third = stream[at + 2] ?? 0;
    if (third > 1) at += 3;
    else if (third === 1 && stream[at] === 0 && stream[at + 1] === 0) {
      if (start >= 0) units.push(stream.subarray(start, trimmedEnd(stream, start, at)));
      start = at + 3;
      at += 3;
    } else at += 1;
  }
  if (start >= 0) units.push(stream.subarray(start, trimmedEnd(stream, start, stream.length)));
  return units;
}

function trimmedEnd(stream: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && stream[last - 1] === 0) last--;
  return last;
}

/** One access unit with 32-bit lengths instead of start codes; parameter sets stay in the header, delimiters are dropped. */
export function toLengthPrefixed(accessUnit: Uint8Array): Buffer {
  const units = splitNalUnits(accessUnit).filter((unit) => ![SPS, PPS, DELIMITER].includes(nalType(unit)));
  const out = Buffer.allocUnsafe(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    out.writeUInt32BE(unit.length, at);
    out.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return out;
}

function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/**
 * Decoder configuration of a stream's parameter sets.
 * @param extraData the encoder's header, annex B, with one SPS and one PPS
 * @returns the record, and the codec's name for playlists, e.g. `avc1.64001f`
 * @throws Error when a parameter set is missing
 */
export function decoderConfiguration(extraData: Uint8Array): { avcC: Buffer; codecs: string } {
  const units = splitNalUnits(extraData);
  const sps = units.find((unit) => nalType(unit) === SPS);
  const pps = units.find((unit) => nalType(unit) === PPS);
  if (!sps || !pps || sps.length < 4) throw new Error('the encoder gave no parameter sets');
  const [profile = 0, constraints = 0, level = 0] = sps.subarray(1, 4);
  const head = Buffer.from([1, profile, constraints, level, 0xff, 0xe1, sps.length >> 8, sps.length & 0xff]);
  const middle = Buffer.from([1, pps.length >> 8, pps.length & 0xff]);
  // High profiles carry chroma format and bit depths as well: 4:2:0, 8 bits.
  const high = [100, 110, 122, 144].includes(profile) ? Buffer.from([0xfd, 0xf8, 0xf8, 0]) : Buffer.alloc(0);
  const hex = [profile, constraints, level].map((value) => value.toString(16).padStart(2, '0')).join('');
  return { avcC: Buffer.concat([head, sps, middle, pps, high]), codecs: `avc1.${hex}` };
}
