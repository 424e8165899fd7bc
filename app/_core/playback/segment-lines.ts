import type { WindowSegment } from './feed-window.ts';

/** PROGRAM-DATE-TIME stands at least every so many segments; which ones depends on the number alone, so that a delta equals its full playlist. */
const DATE_EVERY = 10;
const TICKS = 90_000;

const seconds = (ticks: number) => (ticks / TICKS).toFixed(5);

function segmentTags(segment: WindowSegment, previous: WindowSegment | undefined): string[] {
  const tags: string[] = [];
  const first = previous === undefined;
  if (segment.x) tags.push('#EXT-X-DISCONTINUITY');
  if (first || previous.e !== segment.e) tags.push(`#EXT-X-MAP:URI="init-${segment.e}.mp4"`);
  if (first || segment.x || previous.gap || segment.m % DATE_EVERY === 0) {
    tags.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.w).toISOString()}`);
  }
  return tags;
}

function partTags(segment: WindowSegment): string[] {
  return segment.parts.map((part, p) => {
    const independent = part.independent ? ',INDEPENDENT=YES' : '';
    return `#EXT-X-PART:DURATION=${seconds(part.d)},URI="${segment.m}.${p}.m4s"${independent}`;
  });
}

function writeLines(segment: WindowSegment, previous: WindowSegment | undefined, withParts: boolean): string[] {
  const lines = segmentTags(segment, previous);
  if (withParts && segment.whole && !segment.gap) lines.push(...partTags(segment));
  if (!segment.closed) return segment.parts.length > 0 && withParts ? lines : [];
  if (segment.gap) lines.push('#EXT-X-GAP');
  lines.push(`#EXTINF:${seconds(segment.d)},`, `${segment.m}.m4s`);
  return lines;
}

/** What the lines of a closed segment without parts depend on, beside its number. */
type Written = {
  d: number;
  w: number;
  e: number;
  x: boolean;
  gap: boolean;
  /** Epoch of the one before and whether that was a gap; null in front of the first listed one. */
  before: { e: number; gap: boolean } | null;
  text: string;
};

/** A list of hours is written anew at each part: what is long closed keeps its lines. */
const written = new WeakMap<WindowSegment, Written>();

function isStill(known: Written, { d, w, e, x, gap }: WindowSegment, previous: WindowSegment | undefined): boolean {
  if (known.d !== d || known.w !== w || known.e !== e || known.x !== x || known.gap !== gap) return false;
  if (!known.before || !previous) return known.before === null && previous === undefined;
  return known.before.e === previous.e && known.before.gap === previous.gap;
}

/**
 * The lines of one segment in a media playlist, without a line end after the last; empty when it has none (an open one without parts).
 * @param previous the listed segment before it; undefined for the first one, which names its init segment and date
 */
export function segmentLines(segment: WindowSegment, previous: WindowSegment | undefined, withParts: boolean): string {
  if (withParts || !segment.closed) return writeLines(segment, previous, withParts).join('\n');
  const known = written.get(segment);
  if (known && isStill(known, segment, previous)) return known.text;
  const { d, w, e, x, gap } = segment;
  const text = writeLines(segment, previous, false).join('\n');
  written.set(segment, { d, w, e, x, gap, before: previous ? { e: previous.e, gap: previous.gap } : null, text });
  return text;
}
