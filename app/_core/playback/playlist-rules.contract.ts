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

/** Rules that one playlist keeps by itself. */
export function expectLawful(text: string): ReadPlaylist {
  expect(text.startsWith('#EXTM3U\n')).toBe(true);
  const read = readPlaylist(text);
  for (const segment of read.segments) {
    expect(Math.round(segment.durationS), 'bis 4.4.3.1: no EXTINF above the target').toBeLessThanOrEqual(read.targetS);
    expect(segment.uri).toBe(`${segment.msn}.m4s`);
    if (read.skipped === 0) expect(segment.map, 'bis 4.4.4.5: every fMP4 segment has a map').toMatch(/^init-\d+\.mp4$/);
    if (segment.parts.length === 0) continue;
    const sum = segment.parts.reduce((all, part) => all + part.durationS, 0);
    expect(Math.abs(sum - segment.durationS), 'parts make up their segment').toBeLessThan(0.0005);
  }
  const parts = [...read.segments.flatMap((segment) => segment.parts), ...read.open];
  if (parts.length > 0) {
    expect(read.partTargetS).not.toBeNull();
    for (const part of parts) expect(part.durationS).toBeLessThanOrEqual((read.partTargetS ?? 0) + 1e-9);
  }
  if (read.partTargetS !== null) {
    expect(read.holdBackS, 'bis 4.4.3.8: at least twice the part target').toBeGreaterThanOrEqual(2 * read.partTargetS);
    expect(read.canSkipS, 'bis 4.4.3.8: at least six targets').toBeGreaterThanOrEqual(6 * read.targetS);
    expect(read.version).toBeGreaterThanOrEqual(9);
  }
  if (read.skipped === 0 && read.segments[0]) expect(read.segments[0].dateMs).not.toBeNull();
  if (read.ended) expect(parts.length + (read.hint === null ? 0 : 1)).toBe(0);
  return read;
}

/** Rules between one version of a live playlist and a later one (bis 6.2.1, 6.2.2). */
export function expectContinuous(before: ReadPlaylist, after: ReadPlaylist): void {
  expect(after.msn).toBeGreaterThanOrEqual(before.msn);
  expect(after.targetS, 'bis 6.2.1: the target does not shrink').toBeGreaterThanOrEqual(before.targetS);
  for (const segment of after.segments) {
    const old = before.segments.find((one) => one.msn === segment.msn);
    if (!old) continue;
    expect(segment.durationS).toBe(old.durationS);
    expect(segment.map).toBe(old.map);
    expect(segment.discontinuity, 'a discontinuity stays where it was').toBe(old.discontinuity);
    expect(segment.discontinuitySequence, 'bis 6.2.2: removed discontinuities are counted').toBe(
      old.discontinuitySequence,
    );
  }
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
