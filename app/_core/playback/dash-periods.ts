import type { WindowSegment } from './feed-window.ts';
import type { FeedRendition } from './live-feed.ts';

/** One rendition of a show: its segments from the show's first on, numbered without holes. */
export type DashRendition = { rendition: FeedRendition; segments: readonly WindowSegment[] };

/** A segment on the show's time axis: `t` and `d` in 1/90000 s. */
export type TimedSegment = { m: number; t: number; d: number };

/** A stretch of one writer's epoch in which the same renditions are whole. */
export type DashPeriod = {
  epoch: number;
  firstMsn: number;
  lastMsn: number;
  /** Media time of the stretch's first picture (or first sound, without pictures), 1/90000 s. */
  t: number;
  renditions: { rendition: FeedRendition; segments: TimedSegment[] }[];
};

const TICKS_PER_MS = 90;

/**
 * Media time of each segment. Inside an epoch segments follow each other to the tick; the wall clock, which is rounded to ms, only
 * places an epoch's first and what comes after a hole.
 */
export function mediaTimes(segments: readonly WindowSegment[], startedAtMs: number): number[] {
  const times: number[] = [];
  let next = 0;
  segments.forEach((segment, i) => {
    const byClock = Math.round((segment.w - startedAtMs) * TICKS_PER_MS);
    const follows = segments[i - 1]?.e === segment.e && Math.abs(byClock - next) <= TICKS_PER_MS;
    const t = follows ? next : byClock;
    times.push(t);
    next = t + segment.d;
  });
  return times;
}

type Track = DashRendition & { times: number[]; firstMsn: number };

const held = (track: Track, msn: number): WindowSegment | undefined => {
  const segment = track.segments[msn - track.firstMsn];
  return segment?.closed && !segment.gap ? segment : undefined;
};

/** Which tracks hold segment `msn` whole, one bit each, and the epoch it belongs to. */
function presence(tracks: readonly Track[], msn: number): { epoch: number; mask: number } {
  let epoch = -1;
  let mask = 0;
  for (let i = 0; i < tracks.length; i++) {
    const segment = held(tracks[i] as Track, msn);
    if (!segment || (epoch >= 0 && segment.e !== epoch)) continue;
    epoch = segment.e;
    mask |= 1 << i;
  }
  return { epoch, mask };
}

/** True when the stretch has a picture and a sound, as far as the show has them: players stumble over a period that lacks one. */
function playable(tracks: readonly Track[], mask: number): boolean {
  const inside = (kind: 'video' | 'audio') => (track: Track, i: number) =>
    track.rendition.kind === kind && (mask & (1 << i)) !== 0;
  return (['video', 'audio'] as const).every(
    (kind) => !tracks.some(({ rendition }) => rendition.kind === kind) || tracks.some(inside(kind)),
  );
}

function periodOf(
  tracks: readonly Track[],
  run: { epoch: number; mask: number; from: number; to: number },
  listFrom: number,
) {
  const present = tracks.filter((_, i) => (run.mask & (1 << i)) !== 0);
  const lead = present.find(({ rendition }) => rendition.kind === 'video') ?? present[0];
  const period: DashPeriod = {
    epoch: run.epoch,
    firstMsn: run.from,
    lastMsn: run.to,
    t: lead?.times[run.from - lead.firstMsn] ?? 0,
    renditions: [],
  };
  for (const { rendition, segments, times, firstMsn } of present) {
    const listed: TimedSegment[] = [];
    for (let m = Math.max(run.from, listFrom); m <= run.to; m++) {
      listed.push({ m, t: times[m - firstMsn] ?? 0, d: segments[m - firstMsn]?.d ?? 0 });
    }
    period.renditions.push({ rendition, segments: listed });
  }
  return period;
}

/**
 * Cuts a show into periods. A SegmentTimeline with `$Number$` cannot leave a number out, so wherever a rendition lacks a segment
 * (a rung that was off, a segment that was lost) and wherever another writer took over, one period ends and another begins; a
 * rendition stands in the periods in which it is whole. A stretch without any picture, or any sound, is a hole between two periods.
 * @param range numbers that are listed: from the DVR window's first to the newest that every rendition has
 */
export function dashPeriods(
  renditions: readonly DashRendition[],
  startedAtMs: number,
  range: { from: number; to: number },
): DashPeriod[] {
  const tracks = renditions
    .filter(({ segments }) => segments.length > 0)
    .map((each) => ({ ...each, times: mediaTimes(each.segments, startedAtMs), firstMsn: each.segments[0]?.m ?? 0 }));
  const periods: DashPeriod[] = [];
  // From the show's first on: a period keeps its place and id while the DVR window slides over it.
  const first = Math.min(...tracks.map(({ firstMsn }) => firstMsn));
  let run: { epoch: number; mask: number; from: number; to: number } | null = null;
  const close = () => {
    if (run && run.to >= range.from && playable(tracks, run.mask)) periods.push(periodOf(tracks, run, range.from));
  };
  for (let m = first; m <= range.to; m++) {
    const { epoch, mask } = presence(tracks, m);
    if (run && run.mask === mask && run.epoch === epoch) run.to = m;
    else {
      close();
      run = { epoch, mask, from: m, to: m };
    }
  }
  close();
  return periods;
}
