import { esds, OBJECT_TYPE, soundEntry, visualEntry } from '#core/playback/mp4/sample-entries';
import { writeTrackHead } from '#core/playback/mp4/track-head';
import { box, letters, u16, u32 } from '#core/playback/mp4/write-boxes';

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

/**
 * CMAF header: ftyp + moov with one track and no samples. No edit list: the audio's priming is taken off its timestamps (see
 * encode/audio.ts).
 */
export function writeInitSegment(format: TrackFormat): Buffer {
  const { kind, timescale } = format;
  const size = kind === 'video' ? { width: format.width, height: format.height } : { width: 0, height: 0 };
  const sampleEntry = kind === 'video' ? avc1(format) : mp4a(format);
  return Buffer.from(writeTrackHead({ kind, timescale, ...size, sampleEntry }));
}

const bitrateBox = ({ bitrate }: TrackFormat) => box('btrt', u32(0, bitrate, bitrate));

function avc1(format: Extract<TrackFormat, { kind: 'video' }>): Uint8Array {
  return visualEntry(
    'avc1',
    format,
    box('avcC', format.avcC),
    // BT.709, limited range: what the encoder is told too.
    box('colr', letters('nclx'), u16(1, 1, 1), Uint8Array.of(0)),
    box('pasp', u32(1, 1)),
    bitrateBox(format),
  );
}

function mp4a(format: Extract<TrackFormat, { kind: 'audio' }>): Uint8Array {
  const { channels, timescale: sampleRate, config, bitrate } = format;
  const description = esds(OBJECT_TYPE.aac, config, bitrate);
  return soundEntry('mp4a', { channels, sampleRate }, description, bitrateBox(format));
}
