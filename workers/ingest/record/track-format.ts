import { esds, OBJECT_TYPE, soundEntry, visualEntry } from '#core/playback/mp4/sample-entries';
import { writeTrackHead } from '#core/playback/mp4/track-head';
import { box } from '#core/playback/mp4/write-boxes';
import { type AudioTag, parseAacConfig, type VideoTag } from '../publish/flv.ts';
import { parseAvcConfig, parseSps } from '../publish/h264.ts';
import { frameSamples, parseMp3Header, readOpusHead } from './sound-frames.ts';

/** How a track is written: its CMAF header, and what its times count. */
export type TrackFormat = {
  codec: string;
  /** Units of time a second: ms for pictures, as the encoder tells them; samples for sound. */
  timescale: number;
  head: Uint8Array;
};

/** Milliseconds: what RTMP counts in, so no time is rounded. */
const PICTURE_TIMESCALE = 1000;
const VISUAL = {
  h264: ['avc1', 'avcC'],
  hevc: ['hvc1', 'hvcC'],
  av1: ['av01', 'av1C'],
  vp9: ['vp09', 'vpcC'],
} as const;

/**
 * @param told picture size by the encoder's metadata, where the configuration is not read for it; 0 for unknown
 * @returns null for what MP4 does not carry, and for damaged configurations
 */
export function pictureFormat(tag: VideoTag, told: { width: number; height: number }): TrackFormat | null {
  if (tag.codec === 'other' || tag.data.length === 0) return null;
  const [entry, configuration] = VISUAL[tag.codec];
  const size = tag.codec === 'h264' ? sizeOf(tag.data) : told;
  if (!size) return null;
  const sampleEntry = visualEntry(entry, size, box(configuration, tag.data));
  const head = writeTrackHead({ kind: 'video', timescale: PICTURE_TIMESCALE, ...size, sampleEntry });
  return { codec: tag.codec, timescale: PICTURE_TIMESCALE, head };
}

function sizeOf(avcC: Buffer): { width: number; height: number } | null {
  const sps = parseAvcConfig(avcC)?.sps[0];
  const facts = sps ? parseSps(sps) : null;
  return facts && { width: facts.width, height: facts.height };
}

/** Of a configuration, or of a frame of a codec that has none (MP3). @returns null where there is nothing to tell it by */
export function soundFormat(tag: AudioTag): TrackFormat | null {
  if (tag.codec === 'aac' && tag.kind === 'config') {
    const read = parseAacConfig(tag.data);
    return read && format('aac', 'mp4a', read, esds(OBJECT_TYPE.aac, tag.data, 0));
  }
  if (tag.codec === 'mp3' && tag.kind === 'frame') {
    const read = parseMp3Header(tag.data);
    return read && format('mp3', 'mp4a', read, esds(OBJECT_TYPE.mp3, new Uint8Array(0), 0));
  }
  if (tag.codec === 'opus' && tag.kind === 'config') {
    const read = readOpusHead(tag.data);
    return read && format('opus', 'Opus', { sampleRate: 48_000, channels: read.channels }, box('dOps', read.dOps));
  }
  return null;
}

function format(
  codec: string,
  entry: string,
  sound: { sampleRate: number; channels: number },
  description: Uint8Array,
): TrackFormat {
  const sampleEntry = soundEntry(entry, sound, description);
  const { sampleRate: timescale } = sound;
  const head = writeTrackHead({ kind: 'audio', timescale, width: 0, height: 0, sampleEntry });
  return { codec, timescale, head };
}

/** Samples that one frame lasts, in its track's timescale. */
export function lengthOf(tag: AudioTag): number {
  return frameSamples(tag.codec, tag.data);
}
