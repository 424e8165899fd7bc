import type { PublicBroadcast } from '#core/broadcast/public-views';

/** What the gateway knows about one channel that has people here. */
export type OpenChannel = {
  /** The channel's id, or that of the broadcast whose chat this is, where not everyone may watch it. */
  readonly id: string;
  readonly channelId: string;
  handle: string;
  ownerId: string;
  broadcast: PublicBroadcast | null;
  /** Sockets of this instance. */
  members: number;
};

/** A channel as it is looked up at a join. */
export type ChannelCard = Pick<OpenChannel, 'id' | 'channelId' | 'handle' | 'ownerId' | 'broadcast'>;

/** The channels that have people on this instance; forgotten when the last one leaves. */
export class ChannelBoard {
  readonly #channels = new Map<string, OpenChannel>();

  /** Counts one socket in. The card is the newest knowledge: it was just read. */
  enter(card: ChannelCard): OpenChannel {
    const open = this.#channels.get(card.id) ?? { ...card, members: 0 };
    open.handle = card.handle;
    open.ownerId = card.ownerId;
    open.broadcast = card.broadcast;
    open.members += 1;
    this.#channels.set(card.id, open);
    return open;
  }

  leave(channelId: string): void {
    const open = this.#channels.get(channelId);
    if (!open) return;
    open.members -= 1;
    if (open.members <= 0) this.#channels.delete(channelId);
  }

  get(channelId: string): OpenChannel | null {
    return this.#channels.get(channelId) ?? null;
  }

  /** Takes news of a broadcast; false when nobody here is in that channel. */
  noteBroadcast(channelId: string, broadcast: PublicBroadcast): boolean {
    const open = this.#channels.get(channelId);
    if (!open) return false;
    open.broadcast = broadcast;
    return true;
  }

  /** A broadcast is no longer for everyone who is there. */
  dropBroadcast(channelId: string, broadcastId: string): void {
    const open = this.#channels.get(channelId);
    if (open?.broadcast?.id === broadcastId) open.broadcast = null;
  }

  all(): OpenChannel[] {
    return [...this.#channels.values()];
  }
}
