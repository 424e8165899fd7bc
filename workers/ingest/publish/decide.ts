import type { VideoCodec } from './flv.ts';
import type { SpsFacts } from './h264.ts';

/** What is known about an encoder's picture so far. */
export type PictureFacts = {
  codec: VideoCodec;
  codecName: string;
  sps: SpsFacts | null;
  /** A picture was shown later than one sent after it: B-frames for certain. */
  sawReordering: boolean;
  /** Key frames are too far apart to be copied, and by how much, ms. */
  keysAreRare: boolean;
  keyIntervalMs: number;
  /** The ingress asks for an encoding of its own: nothing is copied. */
  mustTranscode: boolean;
};

export type Decision = {
  mode: 'copy' | 'transcode' | 'refuse';
  reason: string;
  advice: string;
  /** Browsers could decode it as it is: copied where there is no processor to transcode it. */
  elseCopied?: boolean;
};

/** Copy when a browser can show it as it is, else transcode, and say why and what would save it. Pure. */
export function decide(facts: PictureFacts): Decision {
  const { sps } = facts;
  if (facts.codec === 'other') {
    return { mode: 'refuse', reason: `${facts.codecName} is not supported`, advice: 'Set the video codec to H.264.' };
  }
  if (facts.mustTranscode) {
    return { mode: 'transcode', reason: 'the ingress sets an encoding of its own', advice: '' };
  }
  if (facts.codec !== 'h264') {
    return transcode(`${facts.codecName} is not understood by every browser`, 'Set the video codec to H.264');
  }
  if (facts.sawReordering || (sps?.reorderFrames ?? 0) > 0) {
    return transcode('it has B-frames', 'Set B-frames to 0 (in OBS: tune zerolatency, or profile baseline)');
  }
  if (facts.keysAreRare) {
    const seconds = Math.round(facts.keyIntervalMs / 100) / 10;
    const rare = transcode(`key frames are more than 2 s apart (${seconds} s)`, 'Set the keyframe interval to 2 s');
    return { ...rare, elseCopied: true };
  }
  if (sps && (sps.chromaFormat !== 1 || sps.bitDepth !== 8)) {
    return transcode('its colour format is not 8 bit 4:2:0', 'Set the colour format to NV12 or I420');
  }
  if (sps?.interlaced) return transcode('it is interlaced', 'Send progressive pictures');
  return { mode: 'copy', reason: '', advice: '' };
}

function transcode(reason: string, change: string): Decision {
  return { mode: 'transcode', reason, advice: `${change} to save processor time here.` };
}
