import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import type { QualityBook } from '#core/viewer/quality-book';
import { addTally, type QualityTally, viewTally } from '#core/viewer/quality-tally';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

const shares = z.record(z.string(), z.number());
const nullable = z.number().nullable();
/** How an audience fared over some time, see `QualityView`. */
export const QualityFigures = z.object({
  reports: z.number(),
  playedHours: z.number(),
  startP50Ms: nullable,
  startP95Ms: nullable,
  latencyP50Ms: nullable,
  latencyP95Ms: nullable,
  rebufferShare: nullable,
  stallsPerHour: nullable,
  rungChangesPerHour: nullable,
  errors: shares,
  devices: shares,
  engines: shares,
  heights: shares,
});

export const BroadcastQuality = z.object({
  /** The last minutes. */
  now: QualityFigures,
  whole: QualityFigures,
  /** One row a minute with reports, oldest first: the table of the after-show report. */
  minutes: z.array(
    QualityFigures.pick({
      reports: true,
      playedHours: true,
      startP95Ms: true,
      latencyP50Ms: true,
      rebufferShare: true,
      stallsPerHour: true,
      errors: true,
    }).extend({ at: z.iso.datetime() }),
  ),
});
export type BroadcastQuality = z.infer<typeof BroadcastQuality>;

/** What "now" is made of: a report comes every 20 s, and the present minute has only begun. */
const NOW_MINUTES = 3;
const MINUTE_MS = 60_000;

/**
 * How viewers fare, for those who run the channel; while it is on air and for 30 days after.
 * @throws AppError 'unauthenticated', 'not-found', 'unavailable' when the figures cannot be read
 */
export async function viewQuality(
  rooms: Pick<BroadcastRooms, 'stores' | 'clock'> & { qualityBook: Pick<QualityBook, 'read'> },
  { actor, broadcastId }: { actor: Actor; broadcastId: string },
): Promise<BroadcastQuality> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  const rows = await rooms.qualityBook.read(broadcast.playbackId);
  const thisMinute = Math.floor(rooms.clock.now().getTime() / MINUTE_MS);
  const [now, whole]: [QualityTally, QualityTally] = [{}, {}];
  for (const { minute, tally } of rows) {
    addTally(whole, tally);
    if (minute > thisMinute - NOW_MINUTES) addTally(now, tally);
  }
  const minutes = rows.map(({ minute, tally }) => {
    const { reports, playedHours, startP95Ms, latencyP50Ms, rebufferShare, stallsPerHour, errors } = viewTally(tally);
    const at = new Date(minute * MINUTE_MS).toISOString();
    return { at, reports, playedHours, startP95Ms, latencyP50Ms, rebufferShare, stallsPerHour, errors };
  });
  return { now: viewTally(now), whole: viewTally(whole), minutes };
}
