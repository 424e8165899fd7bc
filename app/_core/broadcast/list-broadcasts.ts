import type { Actor } from '#core/account/actor';
import { canManageChannel } from '#core/account/permissions';
import type { Channel } from '#core/channel/channel';
import { requireChannel } from '#core/channel/require-channel';
import type { BroadcastState } from './broadcast.ts';
import type { BroadcastRecord } from './broadcast-store.ts';
import { publicView } from './public-view.ts';
import type { PublicBroadcast } from './public-views.ts';
import type { BroadcastRooms } from './rooms.ts';

type ListRooms = Pick<BroadcastRooms, 'stores' | 'audience' | 'addresses'>;
type Asked = { actor: Actor; state?: BroadcastState | undefined; limit: number };

/** Broadcasts that are listed to everyone; an admin sees all. */
export async function listBroadcasts(rooms: ListRooms, { actor, state, limit }: Asked): Promise<PublicBroadcast[]> {
  const seesAll = actor.kind !== 'anonymous' && actor.isAdmin;
  const found = await rooms.stores.broadcasts.find({
    states: state && [state],
    publicOnly: !seesAll,
    order: state === 'scheduled' ? 'soonest' : 'newest',
    limit,
  });
  return views(rooms, found);
}

/** A channel's broadcasts; those who run it see all of them. @throws AppError 'not-found' */
export async function listChannelBroadcasts(
  rooms: ListRooms,
  { actor, handle, state, limit }: Asked & { handle: string },
): Promise<PublicBroadcast[]> {
  const channel = await requireChannel(rooms, handle);
  const found = await rooms.stores.broadcasts.find({
    channelId: channel.id,
    states: state && [state],
    publicOnly: !canManageChannel(actor, channel),
    limit,
  });
  return views(rooms, found, channel);
}

async function views(rooms: ListRooms, found: readonly BroadcastRecord[], known?: Channel): Promise<PublicBroadcast[]> {
  const listed: PublicBroadcast[] = [];
  for (const one of found) {
    const channel = known ?? (await rooms.stores.channels.get(one.channelId));
    if (!channel) continue;
    const audience = one.state === 'ended' ? 0 : await rooms.audience.count(one.playbackId).catch(() => 0);
    listed.push(publicView(one, channel, audience, rooms.addresses));
  }
  return listed;
}
