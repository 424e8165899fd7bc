import type { ChannelBoard, OpenChannel } from './channel-board.ts';
import { shareReads } from './share-reads.ts';

export const AUDIENCE_EVERY_MS = 2000;

export type AudienceDeskParts = {
  board: ChannelBoard;
  /** People watching a playback id now, from the players' beacons. */
  count: (playbackId: string) => Promise<number>;
  /** Tells this instance's sockets of one channel. */
  onCount: (channelId: string, audience: number) => void;
  onError: (what: string, error: unknown) => void;
};

/** Tells each channel how many watch, when that changed. Counted from leases each time, never added up. */
export class AudienceDesk {
  readonly #parts: AudienceDeskParts;
  readonly #told = new Map<string, number>();
  readonly #count: (playbackId: string) => Promise<number>;

  constructor(parts: AudienceDeskParts) {
    this.#parts = parts;
    this.#count = shareReads(parts.count);
  }

  /** How many watch the channel's current broadcast; 0 without one, or while the store is away. */
  async now(channel: Pick<OpenChannel, 'broadcast'>): Promise<number> {
    const playbackId = channel.broadcast?.playbackId;
    if (!playbackId) return 0;
    try {
      return await this.#count(playbackId);
    } catch (error) {
      this.#parts.onError('audience', error);
      return channel.broadcast?.audience ?? 0;
    }
  }

  /** One round: counts every channel that has people here, and tells those whose count changed. */
  async round(): Promise<void> {
    const channels = this.#parts.board.all();
    const open = new Set(channels.map((channel) => channel.id));
    for (const channelId of this.#told.keys()) if (!open.has(channelId)) this.#told.delete(channelId);
    await Promise.all(
      channels.map(async (channel) => {
        const audience = await this.now(channel);
        if (this.#told.get(channel.id) === audience) return;
        this.#told.set(channel.id, audience);
        this.#parts.onCount(channel.id, audience);
      }),
    );
  }
}
