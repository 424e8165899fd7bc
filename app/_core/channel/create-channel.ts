import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { requireSignedIn } from '#core/account/permissions';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import type { Channel } from './channel.ts';
import type { ChannelStore } from './channel-store.ts';
import { Handle } from './handle.ts';

export const CreateChannel = z.strictObject({
  handle: Handle,
  name: z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters'),
});

/**
 * Makes a channel of the caller's own.
 * @throws AppError 'unauthenticated'; 'conflict' with field `handle`
 */
export async function createChannel(
  rooms: { stores: { channels: ChannelStore }; ids: Ids; clock: Clock },
  { actor, input }: { actor: Actor; input: z.infer<typeof CreateChannel> },
): Promise<Channel> {
  const { userId } = requireSignedIn(actor);
  const channel = { id: rooms.ids.make('ch'), ...input, ownerId: userId, createdAt: rooms.clock.now() };
  await rooms.stores.channels.add(channel);
  return channel;
}
