import {
  AudioCodec,
  IngressAudioEncodingPreset,
  type IngressAudioOptions,
  type IngressInfo,
  IngressVideoEncodingPreset,
  type IngressVideoOptions,
  VideoCodec,
} from '@livekit/protocol';
import type { EncodingWish, EncodingWishes, SoundWish } from '../publish/encoding-wish.ts';
import type { Layer } from '../publish/webrtc/layers.ts';

const V = IngressVideoEncodingPreset;
/** A layer has half the sides of the one before: a quarter of the pixels, which need more than a quarter of the bits. */
const BITS_OF_HALF = 0.35;
const wish = (width: number, height: number, fps: number, bitrateKbps: number, layers: 1 | 2 | 3): EncodingWish => ({
  width,
  height,
  fps,
  bitrateKbps,
  profile: 'baseline',
  layers: [1, 2].slice(0, layers - 1).map((step) => ({
    width: width >> step,
    height: height >> step,
    bitrateKbps: Math.round(bitrateKbps * BITS_OF_HALF ** step),
  })),
});

/** LiveKit's presets. */
const VIDEO_PRESETS: Record<IngressVideoEncodingPreset, EncodingWish> = {
  [V.H264_720P_30FPS_3_LAYERS]: wish(1280, 720, 30, 1_900, 3),
  [V.H264_1080P_30FPS_3_LAYERS]: wish(1920, 1080, 30, 3_500, 3),
  [V.H264_540P_25FPS_2_LAYERS]: wish(960, 540, 25, 1_000, 2),
  [V.H264_720P_30FPS_1_LAYER]: wish(1280, 720, 30, 1_900, 1),
  [V.H264_1080P_30FPS_1_LAYER]: wish(1920, 1080, 30, 3_500, 1),
  [V.H264_720P_30FPS_3_LAYERS_HIGH_MOTION]: wish(1280, 720, 30, 2_500, 3),
  [V.H264_1080P_30FPS_3_LAYERS_HIGH_MOTION]: wish(1920, 1080, 30, 4_500, 3),
  [V.H264_540P_25FPS_2_LAYERS_HIGH_MOTION]: wish(960, 540, 25, 1_300, 2),
  [V.H264_720P_30FPS_1_LAYER_HIGH_MOTION]: wish(1280, 720, 30, 2_500, 1),
  [V.H264_1080P_30FPS_1_LAYER_HIGH_MOTION]: wish(1920, 1080, 30, 4_500, 1),
};
const AUDIO_PRESETS: Record<IngressAudioEncodingPreset, SoundWish> = {
  [IngressAudioEncodingPreset.OPUS_STEREO_96KBPS]: { bitrateKbps: 96, channels: 2 },
  [IngressAudioEncodingPreset.OPUS_MONO_64KBS]: { bitrateKbps: 64, channels: 1 },
};
const PROFILES: Partial<Record<VideoCodec, EncodingWish['profile']>> = {
  [VideoCodec.DEFAULT_VC]: 'main',
  [VideoCodec.H264_BASELINE]: 'baseline',
  [VideoCodec.H264_MAIN]: 'main',
  [VideoCodec.H264_HIGH]: 'high',
};
const MAX_LAYERS = 3;
const DEFAULT_LAYER = { width: 1280, height: 720, bitrate: 1_900_000 };

/** What cannot be done as it was asked: a sentence for the log, the encoder and LiveKit's state. */
export class UnsupportedIngress extends Error {
  override name = 'UnsupportedIngress';
}

/**
 * What an ingress sets for encoding, in our words. `enable_transcoding` alone says nothing: livekit-server stores it as true for every RTMP
 * and URL ingress that does not set it.
 * @throws UnsupportedIngress
 */
export function readWishes(info: IngressInfo): EncodingWishes {
  return { video: videoWish(info.video), audio: soundWish(info.audio) };
}

function videoWish(options: IngressVideoOptions | undefined): EncodingWish | null {
  const set = options?.encodingOptions;
  if (set?.case === 'preset') {
    const preset = VIDEO_PRESETS[set.value];
    if (!preset) throw new UnsupportedIngress(`Video preset ${set.value} is not known here.`);
    return preset;
  }
  if (set?.case !== 'options') return null;
  const { videoCodec, frameRate, layers } = set.value;
  const profile = PROFILES[videoCodec];
  if (!profile) {
    throw new UnsupportedIngress(`Video codec ${VideoCodec[videoCodec] ?? videoCodec} is not offered: choose H.264.`);
  }
  const sized = layers.filter(({ width, height }) => width > 0 && height > 0);
  const [top = layers[0] ?? DEFAULT_LAYER, ...smaller] = sized.sort(
    (one, other) => other.width * other.height - one.width * one.height,
  );
  return {
    ...layerWish(top),
    fps: frameRate > 0 ? within(frameRate, 1, 120) : null,
    profile,
    layers: smaller.slice(0, MAX_LAYERS - 1).map(layerWish),
  };
}

function layerWish(layer: { width: number; height: number; bitrate: number }): Layer {
  const width = layer.width || DEFAULT_LAYER.width;
  const height = layer.height || DEFAULT_LAYER.height;
  // Half the sides are a quarter of the pixels.
  const share = BITS_OF_HALF ** (Math.log2((DEFAULT_LAYER.width * DEFAULT_LAYER.height) / (width * height)) / 2);
  return {
    width: within(width, 16, 7_680),
    height: within(height, 16, 7_680),
    bitrateKbps: within(Math.round((layer.bitrate || DEFAULT_LAYER.bitrate * share) / 1000), 50, 50_000),
  };
}

function soundWish(options: IngressAudioOptions | undefined): SoundWish | null {
  const set = options?.encodingOptions;
  if (set?.case === 'preset') {
    const preset = AUDIO_PRESETS[set.value];
    if (!preset) throw new UnsupportedIngress(`Audio preset ${set.value} is not known here.`);
    return preset;
  }
  if (set?.case !== 'options') return null;
  const { audioCodec, bitrate, channels } = set.value;
  if (audioCodec !== AudioCodec.DEFAULT_AC && audioCodec !== AudioCodec.OPUS) {
    throw new UnsupportedIngress(`Audio codec ${AudioCodec[audioCodec] ?? audioCodec} is not offered: choose Opus.`);
  }
  if (channels > 2) throw new UnsupportedIngress(`${channels} channels are not offered: choose 1 or 2.`);
  return { bitrateKbps: within(Math.round((bitrate || 96_000) / 1000), 6, 510), channels: channels === 1 ? 1 : 2 };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
