import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { AppError } from '#core/shared/app-error';
import type { BroadcastRecord } from './broadcast-store.ts';
import { announce, applyFact, retryOnRace } from './change-broadcast.ts';
import { openRoom } from './open-room.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

export const StartBroadcast = z.strictObject({
  /** Be live on the slate, before any picture has come. */
  openOnSlate: z.boolean().default(false),
});

type StartRooms = Pick<
  BroadcastRooms,
  'stores' | 'mediaRoom' | 'jobs' | 'news' | 'shows' | 'audience' | 'addresses' | 'limits' | 'clock' | 'ids' | 'log'
>;

const OPEN = ['scheduled', 'backstage'] as const;
const ON_AIR = ['live', 'interrupted'] as const;

/**
 * Records the wish to be on air. The state says `live` once a part with a picture was seen. Starting twice is starting once.
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state', 'conflict' when another one of the channel is on air
 */
export async function startBroadcast(
  rooms: StartRooms,
  { actor, broadcastId, input }: { actor: Actor; broadcastId: string; input: z.infer<typeof StartBroadcast> },
): Promise<BroadcastRecord> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  return requestStart(rooms, broadcast, input.openOnSlate);
}

/** The same without asking who: for a signal that starts its channel's broadcast. */
export async function requestStart(
  rooms: StartRooms,
  broadcast: BroadcastRecord,
  openOnSlate = false,
): Promise<BroadcastRecord> {
  const wished = await retryOnRace(rooms, broadcast.id, (seen) => recordWish(rooms, seen, openOnSlate));
  if (!wished) throw new AppError('conflict', { retry: 'now', message: 'The broadcast is being changed. Try again.' });
  if (wished.state !== 'scheduled' && wished.state !== 'backstage') return wished;
  // The job goes first: it is what takes time. The room is opened here as well, so that hosts can join at once.
  await rooms.jobs
    .add('start-egress', { broadcastId: wished.id })
    .catch((error) =>
      rooms.log.warn({ err: error, broadcastId: wished.id }, 'no job was queued; the reconciler will start it'),
    );
  return openForHosts(rooms, wished);
}

async function recordWish(
  rooms: StartRooms,
  seen: BroadcastRecord,
  openOnSlate: boolean,
): Promise<BroadcastRecord | null> {
  if (seen.state === 'ending' || seen.state === 'ended') {
    throw new AppError('wrong-state', {
      blame: 'owner',
      retry: 'never',
      message: 'This broadcast is over. Make a new one to go live again.',
    });
  }
  if (seen.startRequestedAt !== null) return seen;
  await checkRoomForOneMore(rooms);
  const changed = await rooms.stores.broadcasts.update(
    seen.id,
    { version: seen.version, from: OPEN },
    { startRequestedAt: rooms.clock.now(), openOnSlate, egressAttempts: 0, egressRetryAt: null, problem: null },
  );
  if (changed) await announce(rooms, changed);
  return changed;
}

/** N-10: broadcasts at once are limited by a setting, and the refusal names it. */
async function checkRoomForOneMore({ stores, limits }: StartRooms): Promise<void> {
  const airing = await stores.broadcasts.find({
    states: [...OPEN, ...ON_AIR],
    startRequested: true,
    limit: limits.maxBroadcasts,
  });
  if (airing.length < limits.maxBroadcasts) return;
  throw new AppError('conflict', {
    blame: 'operator',
    retry: 'with-back-off',
    message: `${airing.length} broadcasts are on air, as many as OPENAIR_MAX_BROADCASTS allows. Try again when one has ended.`,
  });
}

async function openForHosts(rooms: StartRooms, wished: BroadcastRecord): Promise<BroadcastRecord> {
  try {
    await openRoom(rooms, wished);
  } catch (error) {
    rooms.log.warn({ err: error, broadcastId: wished.id }, 'the room could not be opened yet');
    return wished;
  }
  if (wished.state !== 'scheduled') return wished;
  return (await applyFact(rooms, wished, 'room-open')) ?? (await rooms.stores.broadcasts.get(wished.id)) ?? wished;
}
