import type { Actor } from '#core/account/actor';
import { canManageChannel, canWatchBroadcast, notFound, requireSignedIn } from '#core/account/permissions';
import type { Channel } from '#core/channel/channel';
import type { BroadcastRecord } from './broadcast-store.ts';
import type { BroadcastRooms } from './rooms.ts';

type Rooms = { stores: Pick<BroadcastRooms['stores'], 'broadcasts' | 'channels'> };
export type Found = { broadcast: BroadcastRecord; channel: Channel };

/** A broadcast with its channel, whoever asks; null when there is none. */
export async function findBroadcast({ stores }: Rooms, id: string): Promise<Found | null> {
  const broadcast = await stores.broadcasts.get(id);
  const channel = broadcast && (await stores.channels.get(broadcast.channelId));
  return broadcast && channel ? { broadcast, channel } : null;
}

/** Whoever asks; what they may do with it is for the caller to decide. @throws AppError 'not-found' */
export async function requireBroadcast(rooms: Rooms, id: string): Promise<Found> {
  const found = await findBroadcast(rooms, id);
  if (!found) throw notFound('broadcast');
  return found;
}

/** For those who run the channel. @throws AppError 'unauthenticated', 'not-found' (also for somebody else's) */
export async function requireOwnBroadcast(rooms: Rooms, actor: Actor, id: string): Promise<Found> {
  requireSignedIn(actor);
  const found = await requireBroadcast(rooms, id);
  if (!canManageChannel(actor, found.channel)) throw notFound('broadcast');
  return found;
}

/** For those who may watch; `manages` says whether they also run it. @throws AppError 'not-found' */
export async function requireWatchable(rooms: Rooms, actor: Actor, id: string): Promise<Found & { manages: boolean }> {
  const found = await requireBroadcast(rooms, id);
  if (!canWatchBroadcast(actor, found.broadcast, found.channel)) throw notFound('broadcast');
  return { ...found, manages: canManageChannel(actor, found.channel) };
}
