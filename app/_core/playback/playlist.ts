import type { WindowSegment } from './feed-window.ts';
import { segmentLines } from './segment-lines.ts';

/**
 * Media playlists as text. Sections are those of draft-pantos-hls-rfc8216bis-18 ("bis"): a live playlist lists what the DVR
 * window holds, parts in its last three target durations only; an ended one is VOD.
 */

/** What a playlist is rendered from: a live window or a stored index. */
export type PlaylistSource = {
  segments: readonly WindowSegment[];
  ended: boolean;
  /** The open segment is as long as a segment gets: what comes next is the first part of the next one. */
  nearlyClosed?: boolean;
};

export type PlaylistSettings = {
  /** Nominal segment duration, ms. */
  segmentMs: number;
  /** Longest part, ms: 213.34; null for a playlist of whole segments that is not waited for (latency mode `standard`, out of storage). */
  partMs: number | null;
  /** How much of the show a live playlist lists, s. */
  dvrS: number;
};

/** Where another rendition stands, for EXT-X-RENDITION-REPORT (bis 4.4.5.4). */
export type RenditionReport = { id: string; msn: number; part: number };

const TICKS = 90_000;
/** Parts leave the playlist when further from its end than this many target durations (bis 4.4.4.9). */
const PART_TARGETS = 3;
/** CAN-SKIP-UNTIL must be at least six target durations (bis 4.4.3.8). */
const SKIP_TARGETS = 6;
const HOLD_BACK_PARTS = 3;
const HOLD_BACK_TARGETS = 3;

/**
 * EXT-X-TARGETDURATION in whole seconds: never below a rounded EXTINF (bis 4.4.3.1), and not below the nominal length, so that
 * it does not change while a show runs well.
 */
export function targetDurationS(segments: readonly WindowSegment[], segmentMs: number): number {
  let longest = Math.ceil(segmentMs / 1000);
  for (const segment of segments) longest = Math.max(longest, Math.round(segment.d / TICKS));
  return longest;
}

/** How far past the edge a part may be asked for (bis 6.2.5.2, "Advance Part Limit"). */
export const advancePartLimit = (partMs: number): number => (partMs >= 1000 ? 3 : Math.ceil(3000 / partMs));

/**
 * Nominal length of a show that only its segments tell of, ms: the longest one, rounded to seconds.
 * @param segments rows of an index; `d` in 1/90000 s
 */
export const nominalMs = (segments: readonly { d: number; gap?: boolean }[]): number =>
  1000 * segments.reduce((most, { d, gap }) => (gap ? most : Math.max(most, Math.round(d / TICKS))), 1);

/** Index of the first segment that a live playlist lists: as many whole ones as fit into `dvrS`, at least three target durations. */
export function windowStart(segments: readonly WindowSegment[], dvrS: number): number {
  let left = dvrS * TICKS;
  for (let i = segments.length - 1; i >= 0; i--) {
    left -= segments[i]?.d ?? 0;
    if (left < 0) return Math.min(i + 1, Math.max(0, segments.length - 4));
  }
  return 0;
}

/** Number of listed segments that a delta update leaves out (bis 6.2.5.1): those that end before the skip boundary. */
function skippable(listed: readonly WindowSegment[], boundaryTicks: number): number {
  let fromEnd = 0;
  for (let i = listed.length - 1; i >= 0; i--) {
    fromEnd += listed[i]?.d ?? 0;
    if (fromEnd > boundaryTicks) return listed[i]?.closed ? i : 0;
  }
  return 0;
}

/** How many of the newest segments still show their parts. */
function firstWithParts(listed: readonly WindowSegment[], boundaryTicks: number): number {
  let fromEnd = 0;
  for (let i = listed.length - 1; i >= 0; i--) {
    if (fromEnd >= boundaryTicks) return i + 1;
    fromEnd += listed[i]?.d ?? 0;
  }
  return 0;
}

/** A hint names what is sure to come (bis 4.4.5.3): a full segment's next part would be answered 404 once its closing entry is in. */
function preloadHint({ segments, nearlyClosed }: PlaylistSource): string[] {
  const last = segments[segments.length - 1];
  if (!last || (!last.closed && !last.whole)) return [];
  const next = last.closed || nearlyClosed ? `${last.m + 1}.0` : `${last.m}.${last.parts.length}`;
  return [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${next}.m4s"`];
}

function reportLines(reports: readonly RenditionReport[]): string[] {
  return reports.map(({ id, msn, part }) => {
    const lastPart = part < 0 ? '' : `,LAST-PART=${part}`;
    return `#EXT-X-RENDITION-REPORT:URI="../${id}/media.m3u8",LAST-MSN=${msn}${lastPart}`;
  });
}

/** EXT-X-SERVER-CONTROL of a playlist of whole segments: HOLD-BACK is three targets at least (bis 4.4.3.8). */
const plainTags = (targetS: number, skipS: number) => [
  `#EXT-X-SERVER-CONTROL:HOLD-BACK=${(HOLD_BACK_TARGETS * targetS).toFixed(1)},CAN-SKIP-UNTIL=${skipS.toFixed(1)}`,
];

/** EXT-X-SERVER-CONTROL (bis 4.4.3.8) and EXT-X-PART-INF (bis 4.4.3.7). */
const lowLatencyTags = (partS: number, skipS: number) => [
  `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${(HOLD_BACK_PARTS * partS).toFixed(5)},CAN-SKIP-UNTIL=${skipS.toFixed(1)}`,
  `#EXT-X-PART-INF:PART-TARGET=${partS.toFixed(5)}`,
];

const countDiscontinuities = (segments: readonly WindowSegment[]) =>
  segments.reduce((count, segment) => count + (segment.x ? 1 : 0), 0);

/**
 * The playlist of a running show.
 * @param how delta: answer `_HLS_skip=YES`; it stays a full playlist when there is nothing to skip
 * @returns text with `\n` line ends; after the end of the show it carries EXT-X-ENDLIST and no parts
 */
export function renderLivePlaylist(
  source: PlaylistSource,
  settings: PlaylistSettings,
  how: { delta: boolean; reports: readonly RenditionReport[] },
): string {
  const { segments, ended } = source;
  const start = windowStart(segments, settings.dvrS);
  const listed = segments.slice(start);
  const targetS = targetDurationS(segments, settings.segmentMs);
  const skipS = SKIP_TARGETS * targetS;
  const skipped = how.delta && !ended ? skippable(listed, skipS * TICKS) : 0;
  const low = !ended && settings.partMs !== null;
  const partsFrom = low ? firstWithParts(listed, PART_TARGETS * targetS * TICKS) : listed.length;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${targetS}`,
    ...(ended
      ? []
      : settings.partMs === null
        ? plainTags(targetS, skipS)
        : lowLatencyTags(settings.partMs / 1000, skipS)),
    `#EXT-X-MEDIA-SEQUENCE:${listed[0]?.m ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${countDiscontinuities(segments.slice(0, start))}`,
  ];
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  for (let i = skipped; i < listed.length; i++) {
    const segment = listed[i];
    if (segment) addSegment(lines, segmentLines(segment, listed[i - 1], i >= partsFrom));
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  else if (low) lines.push(...preloadHint(source), ...reportLines(how.reports));
  return `${lines.join('\n')}\n`;
}

function addSegment(lines: string[], text: string): void {
  if (text !== '') lines.push(text);
}

/** The playlist of an ended show, whole: it plays from the start (bis 4.4.3.5, 4.4.3.4). */
export function renderEndedPlaylist(segments: readonly WindowSegment[], segmentMs: number): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetDurationS(segments, segmentMs)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.m ?? 0}`,
  ];
  segments.forEach((segment, i) => {
    addSegment(lines, segmentLines(segment, segments[i - 1], false));
  });
  lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}
