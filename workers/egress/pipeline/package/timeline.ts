/**
 * One clock for every rendition: media time counts from the broadcast's first part and goes on over restarts of the engine, so
 * `wall clock = startedAtMs + media time` holds for every part (PROGRAM-DATE-TIME), whatever the machine's clock does meanwhile.
 */
export type Timeline = {
  /** Wall clock of media time 0, ms since 1970. */
  startedAtMs: number;
  /** Media time at which this epoch begins, in ms. Whole ms are whole samples at 48 kHz and at 90 kHz. */
  baseMs: number;
  /** Media sequence number of this epoch's first segment. */
  firstMsn: number;
  /** The first segment follows another writer's: EXT-X-DISCONTINUITY. */
  resumed: boolean;
};

/** What an earlier writer left in the feed: end of its newest segment or part. */
export type Resume = { startedAtMs: number; lastMsn: number; lastEndMs: number };

/**
 * @param nowMs wall clock at the first tick
 * @param resume null when this broadcast has no earlier writer; `lastEndMs` in wall clock
 * @returns a base never before the end of what is already out, even when the wall clock was set back in between
 */
export function openTimeline(nowMs: number, resume: Resume | null): Timeline {
  if (!resume) return { startedAtMs: nowMs, baseMs: 0, firstMsn: 0, resumed: false };
  const baseMs = Math.max(nowMs, Math.ceil(resume.lastEndMs)) - resume.startedAtMs;
  return {
    startedAtMs: resume.startedAtMs,
    baseMs: Math.max(0, baseMs),
    firstMsn: resume.lastMsn + 1,
    resumed: true,
  };
}

/** Pts of the epoch's first sample in a track's timescale. */
export function basePts(timeline: Timeline, timescale: number): number {
  return Math.round((timeline.baseMs * timescale) / 1000);
}

/** Wall clock in ms of a pts. */
export function wallOf(timeline: Timeline, pts: number, timescale: number): number {
  return Math.round(timeline.startedAtMs + (pts * 1000) / timescale);
}

/** A duration of any timescale in 1/90000 s. */
export function to90k(duration: number, timescale: number): number {
  return Math.round((duration * 90_000) / timescale);
}

/** Ticks of a video track's clock: 90 kHz unless the frame rate does not divide it. */
export function videoTimescale(fps: number): number {
  return 90_000 % fps === 0 ? 90_000 : fps * 1000;
}

/** Part lengths: a whole number of frames, and PART-TARGET so that the longest audio part fits too (213.34 ms for 0.2 s). */
export function partLengths(partMs: number, fps: number, segmentS: number): { partS: number; partTargetMs: number } {
  const ticks = Math.max(1, Math.min(Math.floor((partMs * fps) / 1000 + 1e-6), Math.round(segmentS * fps)));
  const partS = ticks / fps;
  const aacFrames = Math.ceil((partS * 48_000) / 1024);
  const longestMs = Math.max(partS * 1000, (aacFrames * 1024) / 48);
  return { partS, partTargetMs: Math.ceil(longestMs * 100) / 100 };
}
