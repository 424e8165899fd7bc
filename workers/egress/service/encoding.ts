import { AudioCodec, type EncodingOptions, EncodingOptionsPreset, VideoCodec } from '@livekit/protocol';
import { RpcError } from '#bus/rpc-error';
import type { Program } from '#core/scene/scene';

/** What a request says about encoding, filled with LiveKit's real defaults (the protocol's comments name others). */
export type Encoding = {
  width: number;
  height: number;
  fps: number;
  videoKbps: number;
  audioKbps: number;
  /** Seconds; null = not asked. */
  keyFrameS: number | null;
  profile: 'baseline' | 'main' | 'high';
  /** Null = by the outputs. */
  audioCodec: 'opus' | 'aac' | 'mp3' | null;
};

export type EncodingWish =
  | { case: 'preset'; value: EncodingOptionsPreset }
  | { case: 'advanced'; value: EncodingOptions }
  | { case: undefined };

const DEFAULT: Encoding = {
  width: 1280,
  height: 720,
  fps: 30,
  videoKbps: 3000,
  audioKbps: 128,
  keyFrameS: null,
  profile: 'main',
  audioCodec: null,
};

const PROFILES: Partial<Record<VideoCodec, Encoding['profile']>> = {
  [VideoCodec.H264_BASELINE]: 'baseline',
  [VideoCodec.H264_HIGH]: 'high',
};
const AUDIO_CODECS: Partial<Record<AudioCodec, Encoding['audioCodec']>> = {
  [AudioCodec.OPUS]: 'opus',
  [AudioCodec.AAC]: 'aac',
  [AudioCodec.AC_MP3]: 'mp3',
};

const picture = (width: number, height: number, fps: number, videoKbps: number): Encoding => ({
  ...DEFAULT,
  width,
  height,
  fps,
  videoKbps,
});

const PRESETS: Partial<Record<EncodingOptionsPreset, Encoding>> = {
  [EncodingOptionsPreset.H264_720P_30]: picture(1280, 720, 30, 3000),
  [EncodingOptionsPreset.H264_720P_60]: picture(1280, 720, 60, 4500),
  [EncodingOptionsPreset.H264_1080P_30]: picture(1920, 1080, 30, 4500),
  [EncodingOptionsPreset.H264_1080P_60]: picture(1920, 1080, 60, 6000),
  [EncodingOptionsPreset.PORTRAIT_H264_720P_30]: picture(720, 1280, 30, 3000),
  [EncodingOptionsPreset.PORTRAIT_H264_720P_60]: picture(720, 1280, 60, 4500),
  [EncodingOptionsPreset.PORTRAIT_H264_1080P_30]: picture(1080, 1920, 30, 4500),
  [EncodingOptionsPreset.PORTRAIT_H264_1080P_60]: picture(1080, 1920, 60, 6000),
};

const wrong = (sentence: string) => new RpcError('invalid_argument', sentence);

function requireRange(name: string, value: number, min: number, max: number): void {
  if (value < min || value > max) throw wrong(`${name} must be from ${min} to ${max}, got ${value}`);
}

function fromOptions(options: EncodingOptions): Encoding {
  const out: Encoding = {
    width: options.width || DEFAULT.width,
    height: options.height || DEFAULT.height,
    fps: options.framerate || DEFAULT.fps,
    videoKbps: options.videoBitrate || DEFAULT.videoKbps,
    audioKbps: options.audioBitrate || DEFAULT.audioKbps,
    keyFrameS: options.keyFrameInterval || null,
    profile: PROFILES[options.videoCodec] ?? 'main',
    audioCodec: AUDIO_CODECS[options.audioCodec] ?? null,
  };
  for (const name of ['width', 'height'] as const) {
    requireRange(name, out[name], 16, 3840);
    if (out[name] % 2 !== 0) throw wrong(`${name} must be even, got ${out[name]}`);
  }
  requireRange('framerate', out.fps, 5, 60);
  requireRange('video_bitrate (kbit/s)', out.videoKbps, 50, 20_000);
  if (out.keyFrameS !== null) requireRange('key_frame_interval (s)', out.keyFrameS, 0.1, 60);
  requireRange('audio_bitrate (kbit/s)', out.audioKbps, 16, 512);
  if (options.videoCodec === VideoCodec.VP8) {
    throw wrong('video_codec VP8 does not go with MP4, HLS segments or RTMP, which take H.264');
  }
  if (options.audioFrequency !== 0 && options.audioFrequency !== 48_000) {
    throw new RpcError('unimplemented', `audio_frequency ${options.audioFrequency} is not served; use 48000`);
  }
  return out;
}

/** @throws RpcError `invalid_argument` or `unimplemented` that names the option */
export function readEncoding(wish: EncodingWish): Encoding {
  if (wish.case === 'advanced') return fromOptions(wish.value);
  if (wish.case === undefined) return DEFAULT;
  const preset = PRESETS[wish.value];
  if (preset) return preset;
  if (wish.value === EncodingOptionsPreset.PASSTHROUGH) {
    throw new RpcError('unimplemented', 'preset PASSTHROUGH is not served by this egress service');
  }
  throw wrong(`there is no encoding preset ${wish.value}`);
}

/** One GOP serves everything, and it is as long as a segment. @throws RpcError `invalid_argument` */
export function requireKeyFrames(encoding: Encoding, segmentS: number): void {
  if (encoding.keyFrameS !== null && encoding.keyFrameS < segmentS) {
    throw wrong(
      `key_frame_interval ${encoding.keyFrameS} s is shorter than segment_duration ${segmentS} s: key frames come once a segment`,
    );
  }
}

/** A request's encoding as the engine's program: one rung, never scaled. */
export function programOf({ width, height, fps, videoKbps }: Encoding): Program {
  const rungHeight = Math.min(Math.max(Math.min(width, height), 90), 2160);
  return {
    width,
    height,
    fps: Math.round(fps),
    ladder: [{ id: `${rungHeight}p`, height: rungHeight, bitrateKbps: videoKbps }],
    latency: 'low',
  };
}
