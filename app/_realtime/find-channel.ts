import type { Queries } from '#core/broadcast/queries';
import type { ChannelStore } from '#core/channel/channel-store';
import type { ChannelCard } from './channel-board.ts';

type Rooms = { queries: Pick<Queries, 'channelPage'>; stores: { channels: Pick<ChannelStore, 'getByHandle'> } };

/** A channel with its owner and the broadcast its page shows; null when there is none of that handle. */
export async function findChannelCard({ queries, stores }: Rooms, handle: string): Promise<ChannelCard | null> {
  const [channel, page] = await Promise.all([stores.channels.getByHandle(handle), queries.channelPage(handle)]);
  if (!channel) return null;
  const { id, ownerId } = channel;
  return { id, channelId: id, handle: channel.handle, ownerId, broadcast: page?.current ?? null };
}
