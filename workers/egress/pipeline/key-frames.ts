import type { EgressPlan } from '../plan.ts';

/** Longest wait of a player that changes its rendition, and of a platform that is pushed to, seconds. */
const MOST_S = 2;

/**
 * Frames between key frames. One stands at each border of a segment; the app's own shows with longer segments have more of them, evenly,
 * at borders of parts. A plain LiveKit request gets what it asked for: one a segment, without segments its own interval.
 */
export function keyFrameTicks({
  segments,
  program,
  video,
}: Pick<EgressPlan, 'segments' | 'program' | 'video'>): number {
  if (!segments && video?.keyFrameS) return Math.max(1, Math.round(video.keyFrameS * program.fps));
  const segmentS = segments?.segmentS ?? MOST_S;
  const count = segments?.playbackId ? Math.ceil(segmentS / MOST_S) : 1;
  const frames = Math.round(segmentS * program.fps);
  return frames % count === 0 ? frames / count : frames;
}
