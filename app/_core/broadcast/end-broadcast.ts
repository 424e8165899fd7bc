import type { Actor } from '#core/account/actor';
import { AppError } from '#core/shared/app-error';
import type { BroadcastRecord } from './broadcast-store.ts';
import { applyFact, retryOnRace } from './change-broadcast.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

type EndRooms = Pick<
  BroadcastRooms,
  'stores' | 'jobs' | 'news' | 'shows' | 'audience' | 'addresses' | 'clock' | 'ids' | 'log'
>;

/**
 * Ends a broadcast: `ending` until its outputs are closed; one that never was live is cancelled. Ending twice is ending once.
 * @throws AppError 'unauthenticated', 'not-found'
 */
export async function endBroadcast(
  rooms: EndRooms,
  { actor, broadcastId }: { actor: Actor; broadcastId: string },
): Promise<BroadcastRecord> {
  await requireOwnBroadcast(rooms, actor, broadcastId);
  const ended = await retryOnRace(rooms, broadcastId, async (seen) => {
    if (seen.state === 'ending' || seen.state === 'ended') return seen;
    const wasLive = seen.state === 'live' || seen.state === 'interrupted';
    return applyFact(rooms, seen, wasLive ? 'end-asked' : 'cancelled', {
      endReason: wasLive ? 'host-ended' : 'cancelled',
    });
  });
  if (!ended) throw new AppError('conflict', { retry: 'now', message: 'The broadcast is being changed. Try again.' });
  await rooms.jobs
    .add('end-broadcast', { broadcastId })
    .catch((error) => rooms.log.warn({ err: error, broadcastId }, 'no job was queued; the reconciler will end it'));
  return ended;
}
