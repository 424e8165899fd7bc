import type { Destination } from '#core/destination/destination';
import type { DestinationStore, PushRemovals } from '#core/destination/destination-store';
import { joinPushUrl } from '#core/destination/push-url';

type Kept = { destination: Destination; streamKey: string };

/** Twin of the destination store. */
export function memoryDestinationStore(): DestinationStore {
  const all = new Map<string, Kept>();
  const ofChannel = (channelId: string) =>
    [...all.values()]
      .filter(({ destination }) => destination.channelId === channelId)
      .sort((a, b) => a.destination.createdAt.getTime() - b.destination.createdAt.getTime());
  const own = (channelId: string, id: string) => ofChannel(channelId).find((one) => one.destination.id === id);
  return {
    async add(destination, streamKey) {
      all.set(destination.id, { destination: { ...destination, hasStreamKey: streamKey !== '' }, streamKey });
    },
    get: async (channelId, id) => own(channelId, id)?.destination ?? null,
    findOfChannel: async (channelId) => ofChannel(channelId).map((one) => one.destination),
    findTargets: async (channelId) =>
      ofChannel(channelId).map(({ destination, streamKey }) => ({
        destination,
        pushUrl: joinPushUrl(destination.url, streamKey),
      })),
    async update(channelId, id, { streamKey, ...patch }) {
      const kept = own(channelId, id);
      if (!kept) return null;
      const key = streamKey ?? kept.streamKey;
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const destination: Destination = {
        ...kept.destination,
        ...given,
        hasStreamKey: key !== '',
        version: kept.destination.version + 1,
        last: { state: 'idle', errorCode: null, error: null },
      };
      all.set(id, { destination, streamKey: key });
      return destination;
    },
    async remove(channelId, id) {
      return own(channelId, id) !== undefined && all.delete(id);
    },
    async noteOutcome(id, outcome) {
      const kept = all.get(id);
      if (kept) all.set(id, { ...kept, destination: { ...kept.destination, last: outcome } });
    },
  };
}

/** Twin of the pushes to be ended. */
export function memoryPushRemovals(): PushRemovals {
  const all = new Map<string, Set<string>>();
  return {
    async add(channelId, pushUrls) {
      const known = all.get(channelId) ?? new Set();
      for (const url of pushUrls) known.add(url);
      all.set(channelId, known);
    },
    find: async (channelId) => [...(all.get(channelId) ?? [])],
    async clear(channelId, pushUrls) {
      for (const url of pushUrls) all.get(channelId)?.delete(url);
    },
  };
}
