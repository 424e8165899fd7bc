import type { FeedRecord } from '#core/playback/live-feed';
import type { BroadcastRooms } from './rooms.ts';
import { syncPushes } from './sync-pushes.ts';

type Rooms = Pick<BroadcastRooms, 'stores' | 'egress' | 'pushIds' | 'feedStatus' | 'log'>;

const ON_AIR = ['scheduled', 'backstage', 'live', 'interrupted'] as const;

/** The live feed of the channel's broadcast on air, or null. */
export async function feedOnAir(
  rooms: Pick<Rooms, 'stores' | 'feedStatus'>,
  channelId: string,
): Promise<FeedRecord | null> {
  const [airing] = await rooms.stores.broadcasts.find({ channelId, states: ON_AIR, startRequested: true, limit: 1 });
  return airing ? rooms.feedStatus.get(airing.playbackId).catch(() => null) : null;
}

/** After destinations were edited: the broadcast on air follows at once; what fails now is done by the reconciler. */
export async function refreshPushes(rooms: Rooms, channelId: string): Promise<void> {
  const [airing] = await rooms.stores.broadcasts.find({ channelId, states: ON_AIR, startRequested: true, limit: 1 });
  if (!airing) return;
  const feed = await rooms.feedStatus.get(airing.playbackId).catch(() => null);
  if (feed?.state === 'active') await syncPushes(rooms, airing, feed);
}
