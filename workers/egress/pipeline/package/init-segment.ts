import { box, fullBox, u8, u16, u32, zeros } from './mp4-box.ts';

/** What a decoder must know of a track before its first sample. */
export type TrackFormat =
  | {
      kind: 'video';
      timescale: number;
      width: number;
      height: number;
      /** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 5.3.3.1. */
      avcC: Uint8Array;
      bitrate: number;
    }
  | {
      kind: 'audio';
      timescale: number;
      channels: number;
      /** AudioSpecificConfig, ISO/IEC 14496-3 1.6.2.1. */
      config: Uint8Array;
      bitrate: number;
    };

export const TRACK_ID = 1;
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/**
 * CMAF header: ftyp + moov with one track and no samples.
 * Source: ISO/IEC 23000-19, 7.3.1; no edit list: the audio's priming is taken off its timestamps (see encode/audio.ts).
 */
export function writeInitSegment(format: TrackFormat): Buffer {
  const brands = ['iso6', 'cmfc', 'mp41'].map((brand) => Buffer.from(brand, 'latin1'));
  const ftyp = box('ftyp', Buffer.from('iso6', 'latin1'), u32(0), ...brands);
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
  return Buffer.concat([ftyp, box('moov', mvhd, trak(format), box('mvex', trex))]);
}

function trak(format: TrackFormat): Buffer {
  const video = format.kind === 'video';
  const tkhd = fullBox(
    'tkhd',
    0,
    3,
    u32(0, 0, TRACK_ID, 0, 0),
    zeros(8),
    u16(0, 0, video ? 0 : 0x0100, 0),
    UNITY_MATRIX,
    u32(video ? format.width * 0x10000 : 0, video ? format.height * 0x10000 : 0),
  );
  const mdhd = fullBox('mdhd', 0, 0, u32(0, 0, format.timescale, 0), u16(0x55c4, 0)); // language: und
  const name = video ? 'OpenairVideo' : 'OpenairAudio';
  const hdlr = fullBox(
    'hdlr',
    0,
    0,
    u32(0),
    Buffer.from(video ? 'vide' : 'soun', 'latin1'),
    zeros(12),
    Buffer.from(`${name}\0`, 'latin1'),
  );
  const media = video ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const stbl = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), video ? avc1(format) : mp4a(format)),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', media, dinf, stbl)));
}

function avc1(format: Extract<TrackFormat, { kind: 'video' }>): Buffer {
  return box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(format.width, format.height),
    u32(0x480000, 0x480000, 0), // 72 dpi
    u16(1),
    zeros(32),
    u16(0x18, 0xffff),
    box('avcC', format.avcC),
    // BT.709, limited range: what the encoder is told too.
    box('colr', Buffer.from('nclx', 'latin1'), u16(1, 1, 1), u8(0)),
    box('pasp', u32(1, 1)),
    box('btrt', u32(0, format.bitrate, format.bitrate)),
  );
}

function mp4a(format: Extract<TrackFormat, { kind: 'audio' }>): Buffer {
  return box(
    'mp4a',
    zeros(6),
    u16(1),
    zeros(8),
    u16(format.channels, 16, 0, 0),
    u32(format.timescale * 0x10000),
    esds(format.config, format.bitrate),
    box('btrt', u32(0, format.bitrate, format.bitrate)),
  );
}

/** ES descriptor, ISO/IEC 14496-1 7.2.6.5; all lengths here are below 128, so one byte each. */
function esds(config: Uint8Array, bitrate: number): Buffer {
  const descriptor = (tag: number, ...payload: Uint8Array[]) => {
    const bytes = Buffer.concat(payload);
    return Buffer.concat([u8(tag, bytes.length), bytes]);
  };
  const specific = descriptor(0x05, config);
  const decoder = descriptor(0x04, u8(0x40, 0x15, 0, 0, 0), u32(bitrate, bitrate), specific);
  return fullBox('esds', 0, 0, descriptor(0x03, u16(TRACK_ID), u8(0), decoder, descriptor(0x06, u8(2))));
}
