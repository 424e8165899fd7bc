import type { Channel } from '#core/channel/channel';
import type { ChannelStore } from '#core/channel/channel-store';
import { AppError } from '#core/shared/app-error';

/** Twin of the channel store. */
export function memoryChannelStore(): ChannelStore {
  const all = new Map<string, Channel>();
  const newestFirst = () => [...all.values()].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return {
    async add(channel) {
      if ([...all.values()].some((one) => one.handle === channel.handle)) {
        throw new AppError('conflict', {
          blame: 'owner',
          field: 'handle',
          message: `The handle “${channel.handle}” is taken.`,
        });
      }
      all.set(channel.id, { ...channel });
    },
    getByHandle: async (handle) => [...all.values()].find((one) => one.handle === handle) ?? null,
    get: async (id) => all.get(id) ?? null,
    findOfOwner: async (ownerId) => newestFirst().filter((one) => one.ownerId === ownerId),
    findAll: async (limit) => newestFirst().slice(0, limit),
  };
}
