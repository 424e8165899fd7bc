import { cache } from 'react';
import { findWatchable, type Watchable } from '#core/broadcast/let-in';
import type { ChannelPage, PublicBroadcast } from '#core/broadcast/public-views';
import { getActor, getServices } from '#wiring/next';

/** Handles are lower case; what cannot be one costs no query. */
const HANDLE = /^[a-z0-9][a-z0-9-]{0,63}$/;
const BROADCAST_ID = /^br_[A-Za-z0-9_-]{1,64}$/;

/** What a channel's page shows, read once a request. */
export const readChannelPage = cache(async (handle: string): Promise<ChannelPage | null> => {
  const lower = handle.toLowerCase();
  return HANDLE.test(lower) ? getServices().queries.channelPage(lower) : null;
});

/** One broadcast of the channel that its address names; null for those of others. */
export const readBroadcast = cache(async (handle: string, id: string): Promise<PublicBroadcast | null> => {
  if (!BROADCAST_ID.test(id)) return null;
  const broadcast = await getServices().queries.broadcast(id);
  return broadcast?.channel.handle === handle.toLowerCase() ? broadcast : null;
});

/** The same for whoever asks: what is open to all, what they run themselves, and the gate of what asks for a password or a ticket. */
export const readWatchable = cache(async (handle: string, id: string): Promise<Watchable | null> => {
  const broadcast = await readBroadcast(handle, id);
  if (broadcast) return { kind: 'open', broadcast };
  if (!BROADCAST_ID.test(id)) return null;
  const found = await findWatchable(getServices(), { actor: await getActor(), broadcastId: id });
  const channel = found?.kind === 'locked' ? found.channel : found?.broadcast.channel;
  return channel?.handle === handle.toLowerCase() ? found : null;
});
