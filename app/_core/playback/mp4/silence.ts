import type { SampleRun } from './fragments.ts';

/** Samples a channel in one AAC-LC frame. */
const FRAME = 1024;
/**
 * One AAC-LC frame of stereo silence: a channel pair without any spectral data (max_sfb 0), then the end mark.
 * Source: ISO/IEC 14496-3, 4.4.2.1 (raw_data_block), 4.4.2.7 (individual_channel_stream)
 */
const STEREO = Uint8Array.of(0x21, 0, 0, 0, 0, 0x1c);
/** Longer breaks are no break but a broken clock, s. */
const LONGEST_S = 24 * 3600;

/**
 * True for AAC-LC in stereo, whose silence is known, by the entry's `esds`.
 * Source: ISO/IEC 14496-1, 7.2.6 (descriptors); 14496-3, 1.6.2.1 (AudioSpecificConfig)
 */
export function canBeSilent(sampleEntry: Uint8Array): boolean {
  const name = [0x65, 0x73, 0x64, 0x73]; // esds
  const esds = sampleEntry.findIndex((_, at) => name.every((letter, i) => sampleEntry[at + i] === letter));
  if (esds < 0) return false;
  let at = esds + 8; // name, version, flags
  const enter = (tag: number): boolean => {
    if (sampleEntry[at++] !== tag) return false;
    while ((sampleEntry[at++] ?? 0) & 0x80);
    return true;
  };
  if (!enter(0x03)) return false;
  at += 3; // ES_ID, flags
  if (!enter(0x04)) return false;
  at += 13; // object type, stream type, buffer size, bit rates
  if (!enter(0x05)) return false;
  const config = ((sampleEntry[at] ?? 0) << 8) | (sampleEntry[at + 1] ?? 0);
  return config >> 11 === 2 && ((config >> 3) & 0xf) === 2;
}

/**
 * Silence for a break in the sound. Many players count sound by its samples and not by its times: a hole that is not filled would
 * move everything after it against the picture.
 * @param from to @param to times in samples
 * @returns whole frames; null when the break is shorter than one, or no break
 */
export function silenceBetween(
  from: number,
  to: number,
  timescale: number,
): { run: SampleRun; bytes: Uint8Array } | null {
  const count = Math.floor((to - from) / FRAME);
  if (count < 1 || to - from > LONGEST_S * timescale) return null;
  const bytes = new Uint8Array(count * STEREO.length);
  for (let i = 0; i < count; i++) bytes.set(STEREO, i * STEREO.length);
  const run: SampleRun = {
    start: from,
    at: 0,
    length: bytes.length,
    sizes: new Uint32Array(count).fill(STEREO.length),
    durations: new Uint32Array(count).fill(FRAME),
    sync: new Uint8Array(count).fill(1),
    offsets: null,
  };
  return { run, bytes };
}
