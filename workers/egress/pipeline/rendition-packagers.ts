import type { FeedRendition } from '#core/playback/live-feed';
import type { EgressPlan } from '../plan.ts';
import { type AudioEncoder, SAMPLE_RATE } from './encode/audio.ts';
import type { Ladder } from './encode/ladder.ts';
import type { TrackFormat } from './package/init-segment.ts';
import { type PieceSink, TrackPackager } from './package/packager.ts';
import { type Timeline, videoTimescale } from './package/timeline.ts';
import { peak } from './plan-readings.ts';

export const AUDIO_ID = 'audio';
const CHANNELS = 2;

/** What comes out of the encoders, as a decoder must know it; the highest rung first. */
export function trackFormats(
  plan: Pick<EgressPlan, 'program' | 'audio'>,
  ladder: Ladder | null,
  audio: AudioEncoder | null,
): { facts: Omit<FeedRendition, 'bandwidth'>; format: TrackFormat }[] {
  const { fps } = plan.program;
  const pictures = (ladder?.rungs ?? []).map(({ rung, encoder }) => {
    const { id, width, height, bitrateKbps } = rung;
    const size = { kind: 'video' as const, width, height };
    const coded = { timescale: videoTimescale(fps), avcC: encoder.avcC, bitrate: bitrateKbps * 1000 };
    return { facts: { id, ...size, fps: rung.fps, codecs: encoder.codecs }, format: { ...size, ...coded } };
  });
  if (!audio) return pictures;
  const { config, codecs } = audio;
  const bitrate = plan.audio.bitrateKbps * 1000;
  const format = { kind: 'audio' as const, timescale: SAMPLE_RATE, channels: CHANNELS, config, bitrate };
  return [...pictures, { facts: { id: AUDIO_ID, kind: 'audio', codecs }, format }];
}

/** A packager a rendition, with what is announced of it. */
export function openPackagers(
  formats: ReturnType<typeof trackFormats>,
  timeline: Timeline,
  lengths: { partS: number; segmentS: number },
  sink: PieceSink,
): { rendition: FeedRendition; packager: TrackPackager }[] {
  return formats.map(({ facts, format }) => ({
    rendition: { ...facts, bandwidth: peak(format.bitrate) },
    packager: new TrackPackager({ rendition: facts.id, format, timeline, lengths, sink }),
  }));
}
