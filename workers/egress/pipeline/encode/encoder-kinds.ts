import {
  AV_HWDEVICE_TYPE_QSV,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  AV_PIX_FMT_YUV420P,
  type AVHWDeviceType,
  type AVPixelFormat,
} from 'node-av';
import type { HardwareEncoder, X264Preset } from '../../plan.ts';

/** One of FFmpeg's H.264 encoders, set so that a picture that goes in comes out at once and key frames are only where they are asked for. */
export type EncoderKind = {
  /** As FFmpeg calls it. */
  name: string;
  pixelFormat: AVPixelFormat;
  options: Record<string, string>;
  /** Where an encoder has another word for a profile. */
  profileNames?: Record<string, string>;
};

/** FFmpeg's name of x264. */
export const SOFTWARE = 'libx264';

/** x264, what is left when nothing else is to be had. */
export const x264 = (preset: X264Preset): EncoderKind => ({
  name: SOFTWARE,
  pixelFormat: AV_PIX_FMT_YUV420P,
  options: {
    preset,
    tune: 'zerolatency',
    profile: 'high',
    'forced-idr': '1',
    'x264-params': 'scenecut=0:open-gop=0',
  },
});

export type HardwareKind = EncoderKind & {
  /** How a picture in memory becomes one that the encoder takes. */
  feed: 'as-it-is' | 'nv12' | 'upload';
  /** Opened before the encoder; null = the encoder finds its device itself. */
  deviceType: AVHWDeviceType | null;
  /** Options tried one after the other, on top of the others: chips of one family differ. */
  variants: Record<string, string>[];
  /** What is usually missing, for an operator. */
  hint: string;
};

/**
 * Options by FFmpeg 7's encoders: nvenc.c, vaapi_encode.c and qsvenc.c. Constant bit rate comes from equal bit rate and maximum, which
 * every encoder is given.
 */
export const HARDWARE: Record<HardwareEncoder, HardwareKind> = {
  h264_nvenc: {
    name: 'h264_nvenc',
    pixelFormat: AV_PIX_FMT_YUV420P,
    options: {
      preset: 'p4',
      tune: 'ull',
      rc: 'cbr',
      profile: 'high',
      zerolatency: '1',
      delay: '0',
      'rc-lookahead': '0',
      'no-scenecut': '1',
      'forced-idr': '1',
    },
    feed: 'as-it-is',
    deviceType: null,
    variants: [{}],
    hint: 'no NVIDIA GPU or driver (libcuda, libnvidia-encode) answers here',
  },
  h264_vaapi: {
    name: 'h264_vaapi',
    pixelFormat: AV_PIX_FMT_VAAPI,
    // A picture of type I is an IDR picture there, without an option.
    options: { profile: 'high', async_depth: '1' },
    profileNames: { baseline: 'constrained_baseline' },
    feed: 'upload',
    deviceType: AV_HWDEVICE_TYPE_VAAPI,
    // Newer chips of Intel's have the low-power encoder alone.
    variants: [{}, { low_power: '1' }],
    hint: 'no render node with a VA-API driver is here, or this user may not open it',
  },
  h264_qsv: {
    name: 'h264_qsv',
    pixelFormat: AV_PIX_FMT_NV12,
    options: { preset: 'veryfast', profile: 'high', async_depth: '1', look_ahead: '0', forced_idr: '1' },
    feed: 'nv12',
    deviceType: AV_HWDEVICE_TYPE_QSV,
    variants: [{}, { low_power: '1' }],
    hint: 'no Intel GPU with its runtime (oneVPL) answers here, or this user may not open it',
  },
};
