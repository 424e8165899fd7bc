import type { Channel } from './channel.ts';

/** Port: the channels' records. */
export type ChannelStore = {
  /** @throws AppError 'conflict' with field `handle` when the handle is taken */
  add(channel: Channel): Promise<void>;
  getByHandle(handle: string): Promise<Channel | null>;
  get(id: string): Promise<Channel | null>;
  /** Newest first. */
  findOfOwner(ownerId: string): Promise<Channel[]>;
  findAll(limit: number): Promise<Channel[]>;
};
