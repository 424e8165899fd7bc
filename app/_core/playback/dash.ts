import type { Latency } from '#core/scene/scene';
import { type DashPeriod, type DashRendition, dashPeriods, type TimedSegment } from './dash-periods.ts';
import type { FeedRendition } from './live-feed.ts';
import { targetDurationS, windowStart } from './playlist.ts';

/**
 * DASH manifests (ISO/IEC 23009-1) over the files that the playlists name: SegmentTimeline with `$Number$`, a period for each
 * epoch. Media time runs through the whole show, so a period's PresentationTimeOffset is its place on the show's axis.
 */
export type DashSource = {
  renditions: readonly DashRendition[];
  /** Wall clock of media time 0, ms. */
  startedAtMs: number;
  /** Nominal segment length, ms. */
  segmentMs: number;
};

const TICKS = 90_000;
/** How far behind the edge a player is asked to sit, in segments; parts are HLS's alone. */
const DELAY_SEGMENTS = 3;
const ID3_SCHEME = 'https://aomedia.org/emsg/ID3';

const duration = (ticks: number) => `PT${Number((ticks / TICKS).toFixed(6))}S`;
const seconds = (s: number) => `PT${s}S`;
const escapeXml = (text: string) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

/** Runs of equal length in one S element (5.3.9.6). */
function timeline(segments: readonly TimedSegment[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < segments.length; ) {
    const { t, d } = segments[i] as TimedSegment;
    let repeats = 0;
    let end = t + d;
    for (let next = segments[i + 1]; next && next.d === d && next.t === end; next = segments[i + repeats + 1]) {
      repeats++;
      end += d;
    }
    lines.push(`<S t="${t}" d="${d}"${repeats > 0 ? ` r="${repeats}"` : ''}/>`);
    i += repeats + 1;
  }
  return lines;
}

function representation(rendition: FeedRendition, segments: readonly TimedSegment[], period: DashPeriod): string[] {
  const { id, codecs, bandwidth, width, height, fps } = rendition;
  const size = width && height ? ` width="${width}" height="${height}" sar="1:1"` : '';
  const rate = fps
    ? ` frameRate="${Math.round(fps * 1000) % 1000 === 0 ? fps : `${Math.round(fps * 1000)}/1000`}"`
    : '';
  const sound = rendition.kind === 'audio' ? ' audioSamplingRate="48000"' : '';
  const template = [
    `timescale="${TICKS}"`,
    `presentationTimeOffset="${period.t}"`,
    `startNumber="${segments[0]?.m ?? 0}"`,
    `initialization="${id}/init-${period.epoch}.mp4"`,
    `media="${id}/$Number$.m4s"`,
  ];
  const channels =
    '<AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>';
  return [
    `<Representation id="${escapeXml(id)}" codecs="${escapeXml(codecs)}" bandwidth="${bandwidth}"${size}${rate}${sound}>`,
    ...(rendition.kind === 'audio' ? [channels] : []),
    `<SegmentTemplate ${template.join(' ')}>`,
    '<SegmentTimeline>',
    ...timeline(segments),
    '</SegmentTimeline>',
    '</SegmentTemplate>',
    '</Representation>',
  ];
}

function adaptationSet(kind: 'video' | 'audio', period: DashPeriod): string[] {
  const renditions = period.renditions.filter(({ rendition }) => rendition.kind === kind);
  if (renditions.length === 0) return [];
  const alone = !period.renditions.some(({ rendition }) => rendition.kind === 'video');
  return [
    `<AdaptationSet id="${kind === 'video' ? 1 : 2}" contentType="${kind}" mimeType="${kind}/mp4" segmentAlignment="true" startWithSAP="1">`,
    // Events are in the pictures; in the sound of a show without pictures.
    ...(kind === 'video' || alone ? [`<InbandEventStream schemeIdUri="${ID3_SCHEME}" value="openair"/>`] : []),
    '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>',
    ...renditions.flatMap(({ rendition, segments }) => representation(rendition, segments, period)),
    '</AdaptationSet>',
  ];
}

function periodLines(period: DashPeriod, start: number): string[] {
  return [
    `<Period id="e${period.epoch}-${period.firstMsn}" start="${duration(start)}">`,
    ...adaptationSet('video', period),
    ...adaptationSet('audio', period),
    '</Period>',
  ];
}

const lengthOf = ({ renditions, t }: DashPeriod): number =>
  Math.max(
    0,
    ...renditions.map(({ segments }) => {
      const last = segments[segments.length - 1];
      return last ? last.t + last.d - t : 0;
    }),
  );

function manifest(attributes: readonly string[], body: readonly string[]): string {
  const head = `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" ${attributes.join(' ')}>`;
  return `${['<?xml version="1.0" encoding="utf-8"?>', head, ...body, '</MPD>'].join('\n')}\n`;
}

/**
 * The manifest of a show that runs. It ends at the newest segment that every rendition on offer has, so no player asks for what is
 * not there, and is to be read again once a segment.
 * @param how dvrS: how much is listed, s; latency: asks for a seat nearer to or further from the edge
 * @returns null while no segment is whole
 */
export function renderLiveManifest(source: DashSource, how: { dvrS: number; latency: Latency }): string | null {
  const offered = source.renditions.filter(({ rendition }) => rendition.on !== false);
  const newest = (segments: DashRendition['segments']) => segments.findLast(({ closed }) => closed)?.m ?? -1;
  const to = Math.min(...offered.map(({ segments }) => newest(segments)));
  const lead = offered.find(({ rendition }) => rendition.kind === 'video') ?? offered[0];
  if (!lead || to < 0) return null;
  const from = lead.segments[windowStart(lead.segments, how.dvrS)]?.m ?? 0;
  const periods = dashPeriods(source.renditions, source.startedAtMs, { from, to });
  const last = periods[periods.length - 1];
  if (!last) return null;
  const targetS = targetDurationS(lead.segments, source.segmentMs);
  const delayS = DELAY_SEGMENTS * targetS;
  const attributes = [
    'type="dynamic"',
    `availabilityStartTime="${new Date(source.startedAtMs).toISOString()}"`,
    `publishTime="${new Date(source.startedAtMs + (last.t + lengthOf(last)) / 90).toISOString()}"`,
    `minimumUpdatePeriod="${seconds(targetS)}"`,
    `timeShiftBufferDepth="${seconds(how.dvrS)}"`,
    `suggestedPresentationDelay="${seconds(delayS)}"`,
    `maxSegmentDuration="${seconds(targetS + 1)}"`,
    `minBufferTime="${seconds(targetS)}"`,
  ];
  const service = [
    '<ServiceDescription id="0">',
    `<Latency target="${delayS * 1000}" min="${(delayS - targetS) * 1000}" max="${delayS * 3000}"/>`,
    '<PlaybackRate min="0.96" max="1.04"/>',
    '</ServiceDescription>',
  ];
  return manifest(attributes, [
    ...(how.latency === 'standard' ? [] : service),
    ...periods.flatMap((period) => periodLines(period, period.t)),
    // The server's clock, for those whose own is wrong; relative, so that a grant in the path goes along.
    '<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-xsdate:2014" value="time"/>',
  ]);
}

/**
 * The manifest of a show that is over, whole.
 * @param closeHoles true: periods follow each other at once, as in the HLS recording. False while viewers of the live show still
 *   play on its axis, where the time of an outage counts.
 * @returns null when no stretch has both picture and sound
 */
export function renderEndedManifest(source: DashSource, { closeHoles }: { closeHoles: boolean }): string | null {
  const to = Math.max(-1, ...source.renditions.map(({ segments }) => segments[segments.length - 1]?.m ?? -1));
  const periods = dashPeriods(source.renditions, source.startedAtMs, { from: 0, to });
  if (periods.length === 0) return null;
  const body: string[] = [];
  let end = 0;
  let targetS = 1;
  for (const period of periods) {
    const start = closeHoles ? end : period.t;
    body.push(...periodLines(period, start));
    end = start + lengthOf(period);
  }
  for (const { segments } of source.renditions)
    targetS = Math.max(targetS, targetDurationS(segments, source.segmentMs));
  const attributes = [
    'type="static"',
    `mediaPresentationDuration="${duration(end)}"`,
    `maxSegmentDuration="${seconds(targetS + 1)}"`,
    `minBufferTime="${seconds(targetS)}"`,
  ];
  return manifest(attributes, body);
}
