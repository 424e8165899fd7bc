export type LaneName = 'primary' | 'backup';

/** What is known of one encoder's connection; null where none is. */
export type LaneState = { lastTagAtMs: number; steadySinceMs: number } | null;

/** An encoder that sends nothing for so long gives way to the other one, ms; with the time to notice it stays under 3 s. */
export const FAIL_AFTER_MS = 1_500;
/** The primary one gets the air back when it has sent steadily for so long, and no sooner after the last change, ms. */
export const BACK_AFTER_MS = 10_000;

/**
 * Which of a channel's two encoders is on air. Pure.
 * @returns the one that is now, unless it is dead and the other one lives, or the primary one has earned its place back
 */
export function chooseLane(now: {
  nowMs: number;
  onAir: LaneName | null;
  changedAtMs: number;
  primary: LaneState;
  backup: LaneState;
}): LaneName | null {
  const { nowMs, onAir, primary, backup } = now;
  const lives = (lane: LaneState) => lane !== null && nowMs - lane.lastTagAtMs < FAIL_AFTER_MS;
  if (onAir === null) return primary ? 'primary' : backup ? 'backup' : null;
  if (onAir === 'primary') {
    if (primary && (lives(primary) || !lives(backup))) return 'primary';
    return lives(backup) || !primary ? (backup ? 'backup' : null) : 'primary';
  }
  if (!backup) return primary ? 'primary' : null;
  if (!lives(primary) || primary === null) return 'backup';
  if (!lives(backup)) return 'primary';
  const isSteady = nowMs - primary.steadySinceMs >= BACK_AFTER_MS && nowMs - now.changedAtMs >= BACK_AFTER_MS;
  return isSteady ? 'primary' : 'backup';
}
