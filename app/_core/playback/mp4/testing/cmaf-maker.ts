import { box, fullBox, join, letters, u16, u32, u64, zeros } from '../write-boxes.ts';

/** AudioSpecificConfig of AAC-LC, 48 kHz, stereo. */
const STEREO_CONFIG = Uint8Array.of(0x11, 0x90);

/** A sample entry of the right shape whose configuration is `mark`: enough for everything but a decoder. */
function sampleEntry(kind: 'video' | 'audio', mark: number): Uint8Array {
  if (kind === 'video') return box('avc1', zeros(78), box('avcC', Uint8Array.of(1, 100, 0, mark)));
  const descriptor = (tag: number, ...content: Uint8Array[]) => {
    const body = join(content);
    return join([Uint8Array.of(tag, body.length), body]);
  };
  const decoder = descriptor(0x04, zeros(13), descriptor(0x05, STEREO_CONFIG));
  const esds = fullBox('esds', 0, 0, descriptor(0x03, u16(1), Uint8Array.of(mark), decoder));
  return box('mp4a', zeros(28), esds);
}

/** A CMAF header. `mark` makes codec configurations differ. */
export function makeInit(
  kind: 'video' | 'audio',
  timescale: number,
  { mark = 0, width = 1280, height = 720 } = {},
): Uint8Array {
  const size = kind === 'video' ? [width * 0x10000, height * 0x10000] : [0, 0];
  const tkhd = fullBox('tkhd', 0, 3, zeros(72), u32(...size));
  const mdhd = fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), zeros(4));
  const hdlr = fullBox('hdlr', 0, 0, u32(0), letters(kind === 'video' ? 'vide' : 'soun'), zeros(13));
  const stsd = fullBox('stsd', 0, 0, u32(1), sampleEntry(kind, mark));
  const trak = box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', box('stbl', stsd))));
  return join([box('ftyp', letters('iso6'), u32(0)), box('moov', trak)]);
}

export type MadeSample = { data: Uint8Array; duration: number; sync: boolean };

/** One fragment as the engine writes it: all values for each sample. */
export function makeFragment(start: number, samples: readonly MadeSample[]): Uint8Array {
  const rows = samples.map(({ data, duration, sync }) => u32(duration, data.length, sync ? 0x02000000 : 0x01010000));
  const moof = (offset: number) => {
    const trun = fullBox('trun', 0, 0x701, u32(samples.length, offset), ...rows);
    return box(
      'moof',
      fullBox('mfhd', 0, 0, u32(1)),
      box('traf', fullBox('tfhd', 0, 0x020000, u32(1)), fullBox('tfdt', 1, 0, u64(start)), trun),
    );
  };
  return join([moof(moof(0).length + 8), box('mdat', ...samples.map(({ data }) => data))]);
}
