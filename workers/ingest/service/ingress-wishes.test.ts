import {
  IngressAudioEncodingPreset,
  IngressAudioOptions,
  IngressInfo,
  IngressVideoEncodingPreset,
  IngressVideoOptions,
} from '@livekit/protocol';
import { expect, test } from 'vitest';
import { encodingsFor } from '../publish/encoding-wish.ts';
import { readWishes } from './ingress-wishes.ts';

const preset = (value: IngressVideoEncodingPreset) =>
  new IngressInfo({ video: new IngressVideoOptions({ encodingOptions: { case: 'preset', value } }) });

test('a preset says the size, the rate and in how many sizes the picture goes out; a sound preset its bitrate', () => {
  const info = preset(IngressVideoEncodingPreset.H264_540P_25FPS_2_LAYERS);
  info.audio = new IngressAudioOptions({
    encodingOptions: { case: 'preset', value: IngressAudioEncodingPreset.OPUS_MONO_64KBS },
  });
  expect(readWishes(info)).toEqual({
    video: {
      width: 960,
      height: 540,
      fps: 25,
      bitrateKbps: 1_000,
      profile: 'baseline',
      layers: [{ width: 480, height: 270, bitrateKbps: 350 }],
    },
    audio: { bitrateKbps: 64, channels: 1 },
  });
  expect(readWishes(preset(IngressVideoEncodingPreset.H264_1080P_30FPS_3_LAYERS)).video?.layers).toHaveLength(2);
  expect(readWishes(preset(IngressVideoEncodingPreset.H264_720P_30FPS_1_LAYER)).video?.layers).toEqual([]);
});

test('layers of its own are taken by size, three at most, and those without a size are left out', () => {
  const layers = [
    { width: 640, height: 360, bitrate: 500_000 },
    { width: 0, height: 0 },
    { width: 1920, height: 1080, bitrate: 4_000_000 },
    { width: 320, height: 180 },
    { width: 160, height: 90 },
  ];
  const info = new IngressInfo({
    video: new IngressVideoOptions({ encodingOptions: { case: 'options', value: { layers } } }),
  });
  expect(readWishes(info).video).toEqual({
    width: 1920,
    height: 1080,
    fps: null,
    bitrateKbps: 4_000,
    profile: 'main',
    layers: [
      { width: 640, height: 360, bitrateKbps: 500 },
      { width: 320, height: 180, bitrateKbps: 233 },
    ],
  });
});

test('a picture that comes smaller than was asked for still goes out in sizes that differ', () => {
  const { video } = readWishes(preset(IngressVideoEncodingPreset.H264_720P_30FPS_3_LAYERS));
  if (!video) throw new Error('a preset sets the picture');
  const sizes = (width: number, height: number) =>
    encodingsFor(video, { width, height }).map((one) => [one.width, one.height]);
  const [full, half, quarter] = [
    [1280, 720],
    [640, 360],
    [320, 180],
  ];
  expect(sizes(1920, 1080)).toEqual([full, half, quarter]);
  expect(sizes(640, 360)).toEqual([half, quarter, [160, 90]]);
  // Which way round a picture is, the encoder says; a size is its longer side and its shorter one.
  expect(sizes(720, 1280)).toEqual([full, half, quarter]);
});
