import { box, fullBox, join, letters, u16, u32, zeros } from './write-boxes.ts';

/** A file or segment of ours has one track. */
export const TRACK_ID = 1;
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const UNDETERMINED_LANGUAGE = 0x55c4;

/** What a CMAF header says of its track; `width` and `height` in pixels, 0 for sound. */
export type TrackHead = {
  kind: 'video' | 'audio';
  /** Units of time a second. */
  timescale: number;
  width: number;
  height: number;
  sampleEntry: Uint8Array;
};

/**
 * CMAF header: `ftyp` and `moov` with one track and no samples.
 * Source: ISO/IEC 23000-19, 7.3.1
 */
export function writeTrackHead(head: TrackHead): Uint8Array {
  const ftyp = box('ftyp', letters('iso6'), u32(0), ...['iso6', 'cmfc', 'mp41'].map(letters));
  const mvhd = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, 1000, 0, 0x10000),
    u16(0x0100, 0),
    zeros(8),
    UNITY_MATRIX,
    zeros(24),
    u32(TRACK_ID + 1),
  );
  const trex = fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, 0));
  return join([ftyp, box('moov', mvhd, writeTrak(head), box('mvex', trex))]);
}

function writeTrak({ kind, timescale, width, height, sampleEntry }: TrackHead): Uint8Array {
  const video = kind === 'video';
  const tkhd = fullBox(
    'tkhd',
    0,
    3,
    u32(0, 0, TRACK_ID, 0, 0),
    zeros(8),
    u16(0, 0, video ? 0 : 0x0100, 0),
    UNITY_MATRIX,
    u32(width * 0x10000, height * 0x10000),
  );
  const mdhd = fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(UNDETERMINED_LANGUAGE, 0));
  const name = video ? 'OpenairVideo' : 'OpenairAudio';
  const hdlr = fullBox('hdlr', 0, 0, u32(0), letters(video ? 'vide' : 'soun'), zeros(12), letters(`${name}\0`));
  const media = video ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const stbl = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', media, dinf, stbl)));
}
