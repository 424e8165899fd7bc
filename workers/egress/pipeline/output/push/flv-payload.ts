import { encodeAmf, encodeEcmaArray } from './amf0.ts';

/** Bodies of RTMP's audio, video and data messages. Source: Adobe, "Video File Format Specification" 10.1, annex E.4. */

export type PushVideo = { width: number; height: number; fps: number; bitrateKbps: number; avcC: Buffer };
export type PushAudio = { config: Buffer; bitrateKbps: number };
export type PushMedia = { video: PushVideo | null; audio: PushAudio | null };

const KEY_AVC = 0x17;
const INTER_AVC = 0x27;
const AAC_44_16_STEREO = 0xaf; // what AAC always says; the real values are in its configuration

export function videoHeader(video: PushVideo): Buffer {
  return Buffer.concat([Buffer.from([KEY_AVC, 0, 0, 0, 0]), video.avcC]);
}

/** One picture with 32-bit NAL lengths; no B-frames, so no composition offset. */
export function videoPayload(data: Buffer, key: boolean): Buffer {
  return Buffer.concat([Buffer.from([key ? KEY_AVC : INTER_AVC, 1, 0, 0, 0]), data]);
}

export function audioHeader(audio: PushAudio): Buffer {
  return Buffer.concat([Buffer.from([AAC_44_16_STEREO, 0]), audio.config]);
}

export function audioPayload(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([AAC_44_16_STEREO, 1]), data]);
}

/** What `videoPayload` and `audioPayload` wrapped: the bare access unit. */
export function unwrapped(kind: 'video' | 'audio', payload: Buffer): Buffer {
  return payload.subarray(kind === 'video' ? 5 : 2);
}

export function metadataPayload(video: PushVideo | null, audio: PushAudio | null): Buffer {
  const picture = video && {
    width: video.width,
    height: video.height,
    framerate: video.fps,
    videocodecid: 7,
    videodatarate: video.bitrateKbps,
  };
  const sound = audio && {
    audiocodecid: 10,
    audiodatarate: audio.bitrateKbps,
    audiosamplerate: 48_000,
    audiosamplesize: 16,
    stereo: true,
  };
  const fields = { duration: 0, ...picture, ...sound, encoder: 'Openair' };
  return Buffer.concat([encodeAmf('@setDataFrame', 'onMetaData'), encodeEcmaArray(fields)]);
}
