import type { ReadPart, ReadPlaylist, ReadSegment } from './playlist.ts';

/** Rules of draft-pantos-hls-rfc8216bis ("bis"). Each function gives what is broken, in words that begin with the section. */
type Rule = [kept: boolean, fault: string];
const faultsOf = (rules: readonly Rule[]): string[] => rules.flatMap(([kept, fault]) => (kept ? [] : [fault]));

/** Durations are written with five decimals. */
const ROUNDING_S = 0.000_006;
const LEAST_PART = 0.85;
/** PROGRAM-DATE-TIME is written in whole ms. */
const DATE_MS = 3;

function partFaults(parts: readonly ReadPart[], partTargetS: number, complete: boolean): string[] {
  return parts.flatMap(({ uri, durationS, independent }, i) => {
    const isLast = complete && i === parts.length - 1;
    return faultsOf([
      [durationS <= partTargetS + ROUNDING_S, `bis 4.4.4.9: part ${uri} is longer than the part target`],
      [
        independent || isLast || durationS >= LEAST_PART * partTargetS - ROUNDING_S,
        `bis 4.4.3.7: part ${uri} is shorter than 85 % of the part target`,
      ],
    ]);
  });
}

function segmentFaults(read: ReadPlaylist, segment: ReadSegment): string[] {
  const { msn, parts, durationS, uri } = segment;
  const sum = parts.reduce((all, part) => all + part.durationS, 0);
  return [
    ...faultsOf([
      [Math.round(durationS) <= read.targetS, `bis 4.4.3.1: ${msn}: an EXTINF above the target`],
      [durationS > 0, `bis 4.4.4.1: ${msn}: no duration`],
      [
        read.skipped > 0 || segment.map !== null || !/\.(m4s|mp4)$/.test(uri),
        `bis 4.4.4.5: ${msn}: fMP4 without a map`,
      ],
      [
        parts.length === 0 || Math.abs(sum - durationS) <= (parts.length + 1) * ROUNDING_S,
        `bis 4.4.4.9: ${msn}: parts do not make up their segment`,
      ],
      [!segment.gap || parts.length === 0, `bis 4.4.4.7: ${msn}: a gap with parts`],
    ]),
    ...(read.partTargetS === null ? [] : partFaults(parts, read.partTargetS, true)),
  ];
}

/** Dates go on by durations, and a new init segment or time comes with a discontinuity. */
function courseFaults({ segments }: ReadPlaylist): string[] {
  const faults: string[] = [];
  let expectedMs: number | null = null;
  segments.forEach((segment, i) => {
    const { msn, dateMs, discontinuity, durationS, map } = segment;
    const before = segments[i - 1];
    const changes = before?.map != null && map !== before.map;
    if (changes && !discontinuity) faults.push(`bis 4.4.4.3: ${msn}: another map without a discontinuity`);
    const held = before?.gap === true || discontinuity;
    if (dateMs !== null && expectedMs !== null) {
      if (!held && Math.abs(dateMs - expectedMs) > DATE_MS) {
        faults.push(`bis 4.4.4.6: ${msn}: the date leaps by ${Math.round(dateMs - expectedMs)} ms`);
      }
      if (dateMs < expectedMs - 1000) faults.push(`bis 4.4.4.6: ${msn}: the date goes back`);
    }
    const startMs: number | null = dateMs ?? expectedMs;
    expectedMs = startMs === null ? null : startMs + durationS * 1000;
  });
  return faults;
}

/** Parts of segments that lie further back than three targets and one segment. */
function oldParts({ segments, targetS }: ReadPlaylist): string[] {
  let fromEndS = 0;
  for (const segment of segments.toReversed()) {
    if (segment.parts.length > 0 && fromEndS >= 4 * targetS) {
      return [`bis 4.4.4.9: ${segment.msn}: parts further than three targets from the end`];
    }
    fromEndS += segment.durationS;
  }
  return [];
}

/** Rules that one playlist keeps by itself. */
export function playlistFaults(read: ReadPlaylist): string[] {
  const { partTargetS, segments, open } = read;
  const parts = [...segments.flatMap((segment) => segment.parts), ...open];
  const uris = [...segments.map(({ uri }) => uri), ...parts.map(({ uri }) => uri)];
  const low = partTargetS !== null;
  const rules: Rule[] = [
    [read.headed, 'bis 4.4.1.1: no head'],
    [Number.isInteger(read.targetS) && read.targetS > 0, 'bis 4.4.3.1: no whole target duration'],
    [parts.length === 0 || low || read.ended, 'bis 4.4.3.7: parts without PART-INF'],
    [!low || (read.holdBackS ?? 0) >= 2 * (partTargetS ?? 0), 'bis 4.4.3.8: hold-back under two parts'],
    [
      read.wholeHoldBackS === null || read.wholeHoldBackS >= 3 * read.targetS,
      'bis 4.4.3.8: hold-back under three targets',
    ],
    [read.canSkipS === null || read.canSkipS >= 6 * read.targetS, 'bis 4.4.3.8: skip boundary under six targets'],
    [(read.canSkipS === null && read.skipped === 0) || read.version >= 9, 'bis 8: delta updates need version 9'],
    [read.skipped > 0 || !segments[0] || segments[0].dateMs !== null, 'the first segment has no date'],
    [!read.ended || (parts.length === 0 && read.hint === null), 'bis 6.2.2: parts or a hint after the end'],
    [open.length === 0 || read.ended || read.hint !== null, 'bis 4.4.5.3: parts and no preload hint'],
    [read.hint === null || !uris.includes(read.hint), 'bis 4.4.5.3: the hint is a part that is there already'],
    [new Set(uris).size === uris.length, 'a name that is there twice'],
  ];
  return [
    ...faultsOf(rules),
    ...segments.flatMap((segment) => segmentFaults(read, segment)),
    ...(low ? partFaults(open, partTargetS, false) : []),
    ...courseFaults(read),
    ...oldParts(read),
  ];
}

/** The part or segment that the hint promised is what came. */
function brokenPromise(before: ReadPlaylist, after: ReadPlaylist): boolean {
  if (before.hint === null || after.ended) return false;
  const msn = before.msn + before.skipped + before.segments.length;
  const closed = after.segments.find((segment) => segment.msn === msn);
  const parts = closed ? closed.parts : after.msn + after.skipped + after.segments.length === msn ? after.open : [];
  const came = parts[before.open.length]?.uri;
  return came !== undefined && came !== before.hint;
}

function changedFaults(old: ReadSegment, segment: ReadSegment): string[] {
  const faults: string[] = [];
  for (const what of ['durationS', 'uri', 'map', 'discontinuity', 'discontinuitySequence'] as const) {
    // A segment that was thought lost may be found; its length is then the true one.
    if (what === 'durationS' && old.gap !== segment.gap) continue;
    if (segment[what] !== old[what])
      faults.push(`bis 6.2.1: ${segment.msn}: ${what} was ${old[what]}, is ${segment[what]}`);
  }
  return faults;
}

/** Rules between one full version of a live playlist and a later one (bis 6.2.1, 6.2.2). */
export function changeFaults(before: ReadPlaylist, after: ReadPlaylist): string[] {
  const known = new Map(before.segments.map((segment) => [segment.msn, segment]));
  const lastOf = (read: ReadPlaylist) => read.msn + read.segments.length - 1;
  const rules: Rule[] = [
    [after.msn >= before.msn, 'bis 6.2.2: the media sequence went back'],
    [after.targetS === before.targetS, `bis 6.2.1: the target was ${before.targetS}, is ${after.targetS}`],
    [
      after.partTargetS === before.partTargetS || after.ended,
      `bis 6.2.1: the part target was ${before.partTargetS}, is ${after.partTargetS}`,
    ],
    [lastOf(after) >= lastOf(before), 'bis 6.2.1: the newest segment is gone'],
    [before.segments.length === 0 || after.msn <= lastOf(before) + 1, 'numbers were left out between two versions'],
    [!before.ended || after.ended, 'bis 6.2.1: the end mark is gone'],
    [!brokenPromise(before, after), `bis 6.2.2: ${before.hint} was promised and another part came`],
  ];
  const changed = after.segments.flatMap((segment) => {
    const old = known.get(segment.msn);
    return old ? changedFaults(old, segment) : [];
  });
  return [...faultsOf(rules), ...changed];
}

const told = (segments: readonly ReadSegment[]) =>
  segments.map(({ msn, uri, durationS, gap, parts }) => JSON.stringify([msn, uri, durationS, gap, parts]));

/** A delta update put onto the playlist that came before it is the full playlist (bis 6.2.5.1). */
export function deltaFaults(previous: ReadPlaylist, delta: ReadPlaylist, full: ReadPlaylist): string[] {
  const carried = previous.segments.filter(({ msn }) => msn >= full.msn && msn < full.msn + delta.skipped);
  const own = new Set(delta.segments.map(({ msn }) => msn));
  const together = [...carried.filter(({ msn }) => !own.has(msn)), ...delta.segments];
  const numbers = (list: readonly ReadSegment[]) => list.map(({ msn, durationS }) => `${msn} ${durationS}`).join();
  const left = [...full.segments.slice(delta.skipped), ...full.open];
  const leftS = left.reduce((sum, { durationS }) => sum + durationS, 0);
  const inDelta = new Map(delta.segments.map((segment) => [segment.msn, segment]));
  // A map in front of a skipped segment reaches over the skip: only changes are told again.
  const maps = full.segments.slice(delta.skipped).filter((segment) => {
    const map = inDelta.get(segment.msn)?.map ?? carried.at(-1)?.map ?? segment.map;
    return map !== segment.map;
  });
  return faultsOf([
    [delta.msn === full.msn, 'bis 6.2.5.1: the delta begins with another number'],
    [numbers(together) === numbers(full.segments), 'bis 6.2.5.1: delta and list before do not make the full list'],
    [
      told(together.slice(delta.skipped)).join() === told(full.segments.slice(delta.skipped)).join(),
      'bis 6.2.5.1: the delta tells its segments differently',
    ],
    [
      JSON.stringify([delta.open, delta.hint, delta.reports]) === JSON.stringify([full.open, full.hint, full.reports]),
      'bis 6.2.5.1: the delta ends differently',
    ],
    [maps.length === 0, 'bis 6.2.5.1: the delta leads to another map'],
    [
      delta.skipped === 0 || full.canSkipS === null || leftS >= full.canSkipS - 0.001,
      'bis 6.2.5.1: segments nearer than the skip boundary were left out',
    ],
  ]);
}
