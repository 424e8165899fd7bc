/** Bodies of FLV tags (Adobe Video File Format 10.1, E.4) and their enhanced form (Enhanced RTMP v2), read without copying. */

export type VideoCodec = 'h264' | 'hevc' | 'av1' | 'other';
export type VideoTag = {
  codec: VideoCodec;
  /** Name for people: "H.264", "HEVC", "VP6". */
  codecName: string;
  kind: 'config' | 'frame' | 'end' | 'other';
  isKey: boolean;
  /** pts − dts, ms. */
  compositionMs: number;
  /** avcC, hvcC, av1C, or a picture in length-prefixed NAL units (OBUs for AV1). */
  data: Buffer;
};

export type AudioCodec = 'aac' | 'mp3' | 'opus' | 'other';
export type AudioTag = {
  codec: AudioCodec;
  codecName: string;
  kind: 'config' | 'frame' | 'other';
  /** AudioSpecificConfig, OpusHead, or one frame. */
  data: Buffer;
};

const FOURCC: Record<string, { codec: VideoCodec; name: string }> = {
  avc1: { codec: 'h264', name: 'H.264' },
  hvc1: { codec: 'hevc', name: 'HEVC' },
  av01: { codec: 'av1', name: 'AV1' },
  vp08: { codec: 'other', name: 'VP8' },
  vp09: { codec: 'other', name: 'VP9' },
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

/** @returns null when the body is too short to be a video tag */
export function parseVideoTag(body: Buffer): VideoTag | null {
  const first = body[0];
  if (first === undefined) return null;
  if ((first & 0x80) !== 0) return parseEnhancedVideo(body, first);
  const id = first & 0x0f;
  const isKey = first >> 4 === 1;
  if (id !== 7 && id !== HEVC_IN_OLD_TAGS) {
    const codecName = OLD_VIDEO[id] ?? `codec ${id}`;
    return { codec: 'other', codecName, kind: 'frame', isKey, compositionMs: 0, data: body.subarray(1) };
  }
  if (body.length < 5) return null;
  const codec = id === 7 ? 'h264' : 'hevc';
  const kind = (['config', 'frame', 'end'] as const)[body.readUInt8(1)] ?? 'other';
  return {
    codec,
    codecName: codec === 'h264' ? 'H.264' : 'HEVC',
    kind,
    isKey,
    compositionMs: body.readIntBE(2, 3),
    data: body.subarray(5),
  };
}

function parseEnhancedVideo(body: Buffer, first: number): VideoTag | null {
  if (body.length < 5) return null;
  const packet = first & 0x0f;
  const known = FOURCC[body.toString('latin1', 1, 5)];
  const codec = known?.codec ?? 'other';
  const base = { codec, codecName: known?.name ?? 'unknown codec', isKey: ((first >> 4) & 7) === 1 };
  if (packet === 0) return { ...base, kind: 'config', compositionMs: 0, data: body.subarray(5) };
  if (packet === 2) return { ...base, kind: 'end', compositionMs: 0, data: body.subarray(5) };
  if (packet === 3) return { ...base, kind: 'frame', compositionMs: 0, data: body.subarray(5) };
  if (packet !== 1) return { ...base, kind: 'other', compositionMs: 0, data: body.subarray(5) };
  // Coded frames: composition time only where there is reordering in the bitstream (AVC, HEVC).
  if (codec !== 'h264' && codec !== 'hevc') return { ...base, kind: 'frame', compositionMs: 0, data: body.subarray(5) };
  if (body.length < 8) return null;
  return { ...base, kind: 'frame', compositionMs: body.readIntBE(5, 3), data: body.subarray(8) };
}

/** @returns null when the body is too short to be an audio tag */
export function parseAudioTag(body: Buffer): AudioTag | null {
  const first = body[0];
  if (first === undefined) return null;
  const format = first >> 4;
  if (format === 9) return parseEnhancedAudio(body, first & 0x0f);
  if (format === 10) {
    if (body.length < 2) return null;
    const kind = body[1] === 0 ? 'config' : 'frame';
    return { codec: 'aac', codecName: 'AAC', kind, data: body.subarray(2) };
  }
  if (format === 2) return { codec: 'mp3', codecName: 'MP3', kind: 'frame', data: body.subarray(1) };
  return { codec: 'other', codecName: OLD_AUDIO[format] ?? `codec ${format}`, kind: 'frame', data: body.subarray(1) };
}

function parseEnhancedAudio(body: Buffer, packet: number): AudioTag | null {
  if (body.length < 5) return null;
  const fourcc = body.toString('latin1', 1, 5);
  const codec: AudioCodec =
    fourcc === 'mp4a' ? 'aac' : fourcc === 'Opus' ? 'opus' : fourcc === '.mp3' ? 'mp3' : 'other';
  const kind = (['config', 'frame'] as const)[packet] ?? 'other';
  return { codec, codecName: codec === 'other' ? 'unknown codec' : codec.toUpperCase(), kind, data: body.subarray(5) };
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
