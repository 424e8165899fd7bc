import type { Actor } from '#core/account/actor';
import { requireSignedIn } from '#core/account/permissions';
import type { Channel } from './channel.ts';
import type { ChannelStore } from './channel-store.ts';

const MOST = 200;

/** The caller's own channels; an admin runs all of them. @throws AppError 'unauthenticated' */
export async function findChannels(
  { stores }: { stores: { channels: ChannelStore } },
  actor: Actor,
): Promise<Channel[]> {
  const { isAdmin, userId } = requireSignedIn(actor);
  return isAdmin ? stores.channels.findAll(MOST) : stores.channels.findOfOwner(userId);
}
