import { z } from 'zod';

/** Kinds of device, as coarse as the report needs them. */
export const DEVICES = ['desktop', 'phone', 'tablet', 'tv', 'other'] as const;
/** What can end or hurt playback, as the player names it. */
export const PLAY_ERRORS = ['network', 'media', 'unsupported', 'forbidden', 'not-found', 'other'] as const;
export const ENGINES = ['hls.js', 'native', 'dash', 'webrtc'] as const;

const HOUR_MS = 3_600_000;
const span = z.int().min(0).max(HOUR_MS);
const count = z.int().min(0).max(1000);

/**
 * How one viewer session was since its last report, about 20 s ago. Nothing in it tells who or where somebody is; the session's random id is
 * used to choose the sample and is not kept.
 */
export const QualityReport = z.strictObject({
  device: z.enum(DEVICES),
  engine: z.enum(ENGINES),
  /** From the wish to play to the first picture, ms; in the first report alone. */
  startMs: span.optional(),
  playedMs: span,
  stalledMs: span,
  stalls: count,
  /** Distance to what the origin calls now, at the time of the report, ms; absent in the DVR window and in recordings. */
  latencyMs: span.optional(),
  /** Height of the picture, px; absent for sound alone. */
  height: z.int().min(1).max(8192).optional(),
  rungsUp: count,
  rungsDown: count,
  droppedFrames: z.int().min(0).max(1_000_000).optional(),
  errors: z.array(z.enum(PLAY_ERRORS)).max(8),
});
export type QualityReport = z.infer<typeof QualityReport>;

/** Sessions of one show that are enough to know how all fare. */
const ENOUGH_SESSIONS = 500;

/**
 * True for sessions that are asked to report: all of a small audience, a share of a large one, and always the same ones.
 * @param session random id of the viewer session
 * @param audience viewers now
 */
export function isInSample(session: string, audience: number): boolean {
  if (audience <= ENOUGH_SESSIONS) return true;
  // FNV-1a: an even spread is all that is asked of it.
  let hash = 0x811c9dc5;
  for (let i = 0; i < session.length; i++) hash = Math.imul(hash ^ session.charCodeAt(i), 0x01000193) >>> 0;
  return hash / 2 ** 32 < ENOUGH_SESSIONS / audience;
}
