import { expect } from 'vitest';

/**
 * A media playlist taken apart, and the rules of draft-pantos-hls-rfc8216bis ("bis") that every version of it must keep. For tests:
 * written against the draft's text and not against our renderer.
 */
export type ReadSegment = {
  msn: number;
  uri: string;
  durationS: number;
  gap: boolean;
  map: string | null;
  dateMs: number | null;
  discontinuity: boolean;
  discontinuitySequence: number;
  parts: { uri: string; durationS: number; independent: boolean }[];
};
export type ReadPlaylist = {
  version: number;
  targetS: number;
  partTargetS: number | null;
  holdBackS: number | null;
  canSkipS: number | null;
  msn: number;
  skipped: number;
  vod: boolean;
  ended: boolean;
  segments: ReadSegment[];
  /** Parts behind the last whole segment. */
  open: ReadSegment['parts'];
  hint: string | null;
  reports: string[];
};

const attribute = (line: string, name: string): string | null =>
  new RegExp(`[:,]${name}="?([^",]*)"?`).exec(line)?.[1] ?? null;

export function readPlaylist(text: string): ReadPlaylist {
  const lines = text.trimEnd().split('\n');
  const tag = (name: string) => lines.find((line) => line.startsWith(`#${name}:`)) ?? null;
  const value = (name: string) => tag(name)?.slice(name.length + 2) ?? null;
  const number = (text: string | null) => (text === null ? null : Number(text));
  const control = tag('EXT-X-SERVER-CONTROL') ?? '';
  const read: ReadPlaylist = {
    version: Number(value('EXT-X-VERSION')),
    targetS: Number(value('EXT-X-TARGETDURATION')),
    partTargetS: number(attribute(tag('EXT-X-PART-INF') ?? '', 'PART-TARGET')),
    holdBackS: number(attribute(control, 'PART-HOLD-BACK')),
    canSkipS: number(attribute(control, 'CAN-SKIP-UNTIL')),
    msn: Number(value('EXT-X-MEDIA-SEQUENCE') ?? 0),
    skipped: Number(attribute(tag('EXT-X-SKIP') ?? '', 'SKIPPED-SEGMENTS') ?? 0),
    vod: value('EXT-X-PLAYLIST-TYPE') === 'VOD',
    ended: lines.includes('#EXT-X-ENDLIST'),
    segments: [],
    open: [],
    hint: attribute(tag('EXT-X-PRELOAD-HINT') ?? '', 'URI'),
    reports: lines.filter((line) => line.startsWith('#EXT-X-RENDITION-REPORT:')),
  };
  let msn = read.msn + read.skipped;
  let discontinuitySequence = Number(value('EXT-X-DISCONTINUITY-SEQUENCE') ?? 0);
  let map: string | null = null;
  let next = { gap: false, dateMs: null as number | null, discontinuity: false, durationS: 0, parts: read.open };
  for (const line of lines) {
    if (line === '#EXT-X-GAP') next.gap = true;
    else if (line === '#EXT-X-DISCONTINUITY') {
      next.discontinuity = true;
      discontinuitySequence++;
    } else if (line.startsWith('#EXT-X-MAP:')) map = attribute(line, 'URI');
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) next.dateMs = Date.parse(line.slice(25));
    else if (line.startsWith('#EXTINF:')) next.durationS = Number(line.slice(8, -1));
    else if (line.startsWith('#EXT-X-PART:')) {
      const independent = attribute(line, 'INDEPENDENT') === 'YES';
      next.parts.push({
        uri: attribute(line, 'URI') ?? '',
        durationS: Number(attribute(line, 'DURATION')),
        independent,
      });
    } else if (!line.startsWith('#')) {
      read.segments.push({ ...next, msn: msn++, uri: line, map, discontinuitySequence });
      read.open = [];
      next = { gap: false, dateMs: null, discontinuity: false, durationS: 0, parts: read.open };
    }
  }
  return read;
}

/** What one segment breaks. Plain comparisons: a whole run asks millions of them. */
function segmentFaults(read: ReadPlaylist, segment: ReadSegment): string[] {
  const sum = segment.parts.reduce((all, part) => all + part.durationS, 0);
  const rules: [boolean, string][] = [
    [Math.round(segment.durationS) <= read.targetS, 'bis 4.4.3.1: an EXTINF above the target'],
    [segment.uri === `${segment.msn}.m4s`, 'a name that is not its number'],
    [read.skipped > 0 || /^init-\d+\.mp4$/.test(segment.map ?? ''), 'bis 4.4.4.5: fMP4 without a map'],
    [segment.parts.length === 0 || Math.abs(sum - segment.durationS) < 0.0005, 'parts do not make up their segment'],
  ];
  return rules.flatMap(([kept, fault]) => (kept ? [] : [`${segment.msn}: ${fault}`]));
}

/** Rules that one playlist keeps by itself. */
export function expectLawful(text: string): ReadPlaylist {
  const read = readPlaylist(text);
  const parts = [...read.segments.flatMap((segment) => segment.parts), ...read.open];
  const { partTargetS } = read;
  const faults = read.segments.flatMap((segment) => segmentFaults(read, segment));
  const rules: [boolean, string][] = [
    [text.startsWith('#EXTM3U\n'), 'bis 4.4.1.1: no head'],
    [parts.every((part) => part.durationS <= (partTargetS ?? 0) + 1e-9), 'bis 4.4.4.9: a part above the part target'],
    [partTargetS === null || (read.holdBackS ?? 0) >= 2 * partTargetS, 'bis 4.4.3.8: hold-back under two parts'],
    [partTargetS === null || (read.canSkipS ?? 0) >= 6 * read.targetS, 'bis 4.4.3.8: skip boundary under six targets'],
    [partTargetS === null || read.version >= 9, 'bis 8: delta updates need version 9'],
    [read.skipped > 0 || !read.segments[0] || read.segments[0].dateMs !== null, 'the first segment has no date'],
    [!read.ended || (parts.length === 0 && read.hint === null), 'parts after the end'],
  ];
  for (const [kept, fault] of rules) if (!kept) faults.push(fault);
  expect(faults).toEqual([]);
  return read;
}

/** Rules between one version of a live playlist and a later one (bis 6.2.1, 6.2.2). */
export function expectContinuous(before: ReadPlaylist, after: ReadPlaylist): void {
  const known = new Map(before.segments.map((segment) => [segment.msn, segment]));
  const faults: string[] = [];
  if (after.msn < before.msn) faults.push('bis 6.2.2: the media sequence went back');
  if (after.targetS < before.targetS) faults.push('bis 6.2.1: the target shrank');
  for (const segment of after.segments) {
    const old = known.get(segment.msn);
    if (!old) continue;
    for (const what of ['durationS', 'map', 'discontinuity', 'discontinuitySequence'] as const) {
      if (segment[what] !== old[what]) faults.push(`${segment.msn}: ${what} was ${old[what]}, is ${segment[what]}`);
    }
  }
  expect(faults).toEqual([]);
}

/** A delta update put onto the playlist that came before it is the full playlist (bis 6.2.5.1). */
export function expectDeltaEqualsFull(previous: ReadPlaylist, delta: ReadPlaylist, full: ReadPlaylist): void {
  expect(delta.msn).toBe(full.msn);
  const carried = previous.segments.filter(({ msn }) => msn >= full.msn && msn < full.msn + delta.skipped);
  const own = new Set(delta.segments.map(({ msn }) => msn));
  const together = [...carried.filter(({ msn }) => !own.has(msn)), ...delta.segments];
  expect(together.map(({ msn }) => msn)).toEqual(full.segments.map(({ msn }) => msn));
  expect(together.map(({ durationS }) => durationS)).toEqual(full.segments.map(({ durationS }) => durationS));
  expect(together.slice(delta.skipped).map(({ parts }) => parts)).toEqual(
    full.segments.slice(delta.skipped).map(({ parts }) => parts),
  );
  expect([delta.open, delta.hint, delta.reports]).toEqual([full.open, full.hint, full.reports]);
  // A map or date in front of a skipped segment reaches over the skip: only changes are told again.
  const inDelta = new Map(delta.segments.map((segment) => [segment.msn, segment]));
  for (const segment of full.segments.slice(delta.skipped)) {
    const told = inDelta.get(segment.msn)?.map ?? carried.at(-1)?.map;
    expect(told ?? segment.map).toBe(segment.map);
  }
}
