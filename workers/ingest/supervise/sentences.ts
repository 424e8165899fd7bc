import type { StreamFacts } from '../publish/wire.ts';

const KNOWN: [RegExp, string][] = [
  [/obs/i, 'OBS'],
  [/streamlabs/i, 'Streamlabs'],
  [/vmix/i, 'vMix'],
  [/xsplit/i, 'XSplit'],
  [/wirecast/i, 'Wirecast'],
  [/larix/i, 'Larix'],
  [/lavf|ffmpeg/i, 'ffmpeg'],
  [/gstreamer|flvmux/i, 'GStreamer'],
];

/** Name of an encoder as a person knows it, from its metadata or its `flashVer`. */
export function nameEncoder(...told: string[]): string {
  for (const text of told) {
    const known = KNOWN.find(([pattern]) => pattern.test(text));
    if (known) return known[1];
  }
  return 'Your encoder';
}

/** "OBS is connected: 1280x720, 30 fps, 3.1 Mbit/s, copied." and what to mend in the encoder. */
export function describeStream(encoder: string, facts: StreamFacts): string {
  const { video } = facts;
  const parts: string[] = [];
  if (video) {
    if (video.width > 0) parts.push(`${video.width}x${video.height}`);
    if (video.fps > 0) parts.push(`${Math.round(video.fps)} fps`);
    if (video.bitrateKbps > 0) parts.push(`${(video.bitrateKbps / 1000).toFixed(1)} Mbit/s`);
    if (facts.mode === 'copy') parts.push('copied');
    if (facts.mode === 'transcode') parts.push(`transcoded because ${facts.reason}`);
    if (facts.mode === null) parts.push(`no picture: ${facts.reason}`);
  } else parts.push('sound only');
  if (!facts.audio) parts.push('no sound');
  const sentences = [`${encoder} is connected: ${parts.join(', ')}.`];
  if (facts.advice) sentences.push(facts.advice);
  if (facts.droppedPictures > 0) {
    sentences.push(`This machine is too slow for it: ${facts.droppedPictures} pictures were left out.`);
  }
  return sentences.join(' ');
}
