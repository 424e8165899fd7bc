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

/**
 * After destinations were edited: the broadcast on air follows at once; what fails now is done by the reconciler.
 * @param editedId a push of it that has failed for good is tried again, although its address may be the same
 */
export async function refreshPushes(rooms: Rooms, channelId: string, editedId?: string): Promise<void> {
  const [airing] = await rooms.stores.broadcasts.find({ channelId, states: ON_AIR, startRequested: true, limit: 1 });
  if (!airing) return;
  const feed = await rooms.feedStatus.get(airing.playbackId).catch(() => null);
  if (feed?.state !== 'active') return;
  if (editedId) await retryFailed(rooms, airing.channelId, editedId, feed);
  await syncPushes(rooms, airing, feed);
}

async function retryFailed(rooms: Rooms, channelId: string, id: string, feed: FeedRecord): Promise<void> {
  const targets = await rooms.stores.destinations.findTargets(channelId);
  const target = targets.find(({ destination }) => destination.id === id && destination.enabled);
  const push = target && feed.pushes.find((one) => one.id === rooms.pushIds.idOf(target.pushUrl));
  if (!target || push?.state !== 'failed' || !feed.egressId) return;
  try {
    await rooms.egress.updatePushes(feed.egressId, { add: [target.pushUrl], remove: [] });
  } catch (error) {
    rooms.log.warn({ err: error, destination: id }, 'a failed push could not be tried again');
  }
}
