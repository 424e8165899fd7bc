/** Bodies of FLV tags (Adobe Video File Format 10.1, E.4) and their enhanced form (Enhanced RTMP v2), read without copying. */
import { type EnhancedBody, readEnhanced } from './enhanced-tag.ts';

export type VideoCodec = 'h264' | 'hevc' | 'av1' | 'vp9' | 'other';
export type VideoTag = {
  codec: VideoCodec;
  /** Name for people: "H.264", "HEVC", "VP6". */
  codecName: string;
  kind: 'config' | 'frame' | 'end' | 'other';
  isKey: boolean;
  /** pts − dts, ms. */
  compositionMs: number;
  /** Track of a multitrack message; 0 is the main one and what plain messages carry. */
  track: number;
  /** avcC, hvcC, av1C, or a picture in length-prefixed NAL units (OBUs for AV1). */
  data: Buffer;
};

export type AudioCodec = 'aac' | 'mp3' | 'opus' | 'other';
export type AudioTag = {
  codec: AudioCodec;
  codecName: string;
  kind: 'config' | 'frame' | 'other';
  track: number;
  /** AudioSpecificConfig, OpusHead, or one frame. */
  data: Buffer;
};

const VIDEO_FOURCC: Record<string, { codec: VideoCodec; name: string }> = {
  avc1: { codec: 'h264', name: 'H.264' },
  hvc1: { codec: 'hevc', name: 'HEVC' },
  av01: { codec: 'av1', name: 'AV1' },
  vp08: { codec: 'other', name: 'VP8' },
  vp09: { codec: 'vp9', name: 'VP9' },
};
const AUDIO_FOURCC: Record<string, { codec: AudioCodec; name: string }> = {
  mp4a: { codec: 'aac', name: 'AAC' },
  Opus: { codec: 'opus', name: 'Opus' },
  '.mp3': { codec: 'mp3', name: 'MP3' },
  'ac-3': { codec: 'other', name: 'AC-3' },
  'ec-3': { codec: 'other', name: 'E-AC-3' },
  fLaC: { codec: 'other', name: 'FLAC' },
};
const OLD_VIDEO: Record<number, string> = {
  2: 'Sorenson H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6',
  6: 'Screen video 2',
};
const OLD_AUDIO: Record<number, string> = {
  0: 'PCM',
  1: 'ADPCM',
  3: 'PCM',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711',
  8: 'G.711',
  11: 'Speex',
};

const HEVC_IN_OLD_TAGS = 12; // What some encoders send without the enhanced header.
/** Frame type 5 of the old form and of the enhanced one: an order to the player, no picture. */
const COMMAND_FRAME = 5;
const VIDEO_PACKET = { config: 0, coded: 1, end: 2, codedX: 3, multitrack: 6, modEx: 7 } as const;
const AUDIO_PACKET = { config: 0, coded: 1, multitrack: 5, modEx: 7 } as const;

/**
 * One message's pictures: one, or one a track in multitrack messages.
 * @returns empty when the body is damaged or carries no picture
 */
export function parseVideoTags(body: Buffer): VideoTag[] {
  const first = body[0];
  if (first === undefined) return [];
  if ((first & 0x80) === 0) return parsePlainVideo(body, first);
  const frameType = (first >> 4) & 7;
  if (frameType === COMMAND_FRAME) return [];
  return readEnhanced(body, VIDEO_PACKET).flatMap((one) => enhancedVideo(one, frameType === 1));
}

function parsePlainVideo(body: Buffer, first: number): VideoTag[] {
  const id = first & 0x0f;
  const isKey = first >> 4 === 1;
  if (first >> 4 === COMMAND_FRAME) return [];
  if (id !== 7 && id !== HEVC_IN_OLD_TAGS) {
    const codecName = OLD_VIDEO[id] ?? `codec ${id}`;
    return [{ codec: 'other', codecName, kind: 'frame', isKey, compositionMs: 0, track: 0, data: body.subarray(1) }];
  }
  if (body.length < 5) return [];
  const codec = id === 7 ? 'h264' : 'hevc';
  return [
    {
      codec,
      codecName: codec === 'h264' ? 'H.264' : 'HEVC',
      kind: (['config', 'frame', 'end'] as const)[body.readUInt8(1)] ?? 'other',
      isKey,
      compositionMs: body.readIntBE(2, 3),
      track: 0,
      data: body.subarray(5),
    },
  ];
}

function enhancedVideo({ fourcc, packet, track, data }: EnhancedBody, isKey: boolean): VideoTag[] {
  const known = VIDEO_FOURCC[fourcc];
  const codec = known?.codec ?? 'other';
  const base = { codec, codecName: known?.name ?? 'unknown codec', isKey, compositionMs: 0, track };
  if (packet === VIDEO_PACKET.config) return [{ ...base, kind: 'config', data }];
  if (packet === VIDEO_PACKET.end) return [{ ...base, kind: 'end', data }];
  if (packet === VIDEO_PACKET.codedX) return [{ ...base, kind: 'frame', data }];
  if (packet !== VIDEO_PACKET.coded) return [{ ...base, kind: 'other', data }];
  // Composition time only where there is reordering in the bitstream (AVC, HEVC).
  if (codec !== 'h264' && codec !== 'hevc') return [{ ...base, kind: 'frame', data }];
  if (data.length < 3) return [];
  return [{ ...base, kind: 'frame', compositionMs: data.readIntBE(0, 3), data: data.subarray(3) }];
}

/**
 * One message's sound: one piece, or one a track in multitrack messages.
 * @returns empty when the body is damaged
 */
export function parseAudioTags(body: Buffer): AudioTag[] {
  const first = body[0];
  if (first === undefined) return [];
  const format = first >> 4;
  if (format === 9) return readEnhanced(body, AUDIO_PACKET).map(enhancedAudio);
  if (format === 10) {
    if (body.length < 2) return [];
    const kind = body[1] === 0 ? 'config' : 'frame';
    return [{ codec: 'aac', codecName: 'AAC', kind, track: 0, data: body.subarray(2) }];
  }
  const data = body.subarray(1);
  if (format === 2) return [{ codec: 'mp3', codecName: 'MP3', kind: 'frame', track: 0, data }];
  return [{ codec: 'other', codecName: OLD_AUDIO[format] ?? `codec ${format}`, kind: 'frame', track: 0, data }];
}

function enhancedAudio({ fourcc, packet, track, data }: EnhancedBody): AudioTag {
  const known = AUDIO_FOURCC[fourcc];
  const kind = packet === AUDIO_PACKET.config ? 'config' : packet === AUDIO_PACKET.coded ? 'frame' : 'other';
  return { codec: known?.codec ?? 'other', codecName: known?.name ?? 'unknown codec', kind, track, data };
}

const AAC_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/** Sample rate and channels of an AudioSpecificConfig (ISO 14496-3, 1.6.2.1); null when it is none. */
export function parseAacConfig(config: Buffer): { sampleRate: number; channels: number } | null {
  if (config.length < 2) return null;
  const index = (config.readUInt16BE(0) >> 7) & 0x0f;
  const channels = (config.readUInt8(1) >> 3) & 0x0f;
  const sampleRate = AAC_RATES[index];
  if (sampleRate === undefined) return null;
  return { sampleRate, channels: channels === 7 ? 8 : channels || 2 };
}
