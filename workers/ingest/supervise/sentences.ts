import type { INGEST_NOTES, IngestNote } from '#core/ingest/ingest-note';
import type { StreamFacts } from '../publish/wire.ts';
import { causeOf } from './advice.ts';

/** A sentence for people and the same for programs, whose words in other languages the studio has. */
export type Said = { sentence: string; note: IngestNote };
type NoteId = (typeof INGEST_NOTES)[number];

/** An encoder's name in `values`: the studio has a word of its own for one that does not tell it. */
export const nameFor = (encoder: string) => (encoder === UNNAMED ? 'none' : encoder);

/** @param values what a translation needs of it */
export function said(id: NoteId, sentence: string, values?: NonNullable<IngestNote['values']>): Said {
  return { sentence, note: { id, ...(values && { values }) } };
}

export const NONE = said('none', 'No encoder is connected.');
export const CONNECTING = said('connecting', 'The encoder is connecting.');

/** Why a connection is over, as its front says it: one of a few causes that the studio has words for. */
const GONE: readonly [RegExp, string][] = [
  [/stopped|hung up|left/, 'stopped'],
  [/silent/, 'silent'],
  [/connection lost/, 'lost'],
  [/broken|crash/, 'broken'],
  [/deleted/, 'deleted'],
  [/settings changed/, 'changed'],
  [/restarted/, 'restarted'],
];
export function goneCause(reason: string): string {
  return GONE.find(([words]) => words.test(reason))?.[1] ?? 'other';
}

const UNNAMED = 'Your encoder';
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
  return UNNAMED;
}

/** How a stream is taken, for people and for programs. */
export function saidOfStream(encoder: string, facts: StreamFacts, standby: boolean): Said {
  const { video, mode } = facts;
  const values = {
    ...{ encoder: nameFor(encoder), size: video && video.width > 0 ? `${video.width}×${video.height}` : 'none' },
    ...{ number: Math.round(video?.fps ?? 0), rate: Math.round((video?.bitrateKbps ?? 0) / 100) / 10 },
    ...{ picture: video ? (mode ?? 'none') : 'none', sound: facts.audio ? 'yes' : 'no' },
    ...{ standby: standby ? 'yes' : 'no', cause: causeOf(facts), codec: video?.codec ?? '' },
  };
  const sentence = describeStream(encoder, facts);
  if (video && mode === null) return said(facts.lacksProcessor ? 'no-processor' : 'not-supported', sentence, values);
  return said('publishing', standby ? `${sentence} A second encoder stands by.` : sentence, values);
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
