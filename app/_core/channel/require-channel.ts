import type { Actor } from '#core/account/actor';
import { canManageChannel, notFound, requireSignedIn } from '#core/account/permissions';
import type { Channel } from './channel.ts';
import type { ChannelStore } from './channel-store.ts';

type Rooms = { stores: { channels: ChannelStore } };

/** The channel, for anyone. @throws AppError 'not-found' */
export async function requireChannel({ stores }: Rooms, handle: string): Promise<Channel> {
  const channel = await stores.channels.getByHandle(handle.toLowerCase());
  if (!channel) throw notFound('channel');
  return channel;
}

/** The channel, for those who run it. @throws AppError 'unauthenticated', 'not-found' (also when it is somebody else's) */
export async function requireOwnChannel(rooms: Rooms, actor: Actor, handle: string): Promise<Channel> {
  requireSignedIn(actor);
  const channel = await requireChannel(rooms, handle);
  if (!canManageChannel(actor, channel)) throw notFound('channel');
  return channel;
}
