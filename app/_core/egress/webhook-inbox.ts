/** One webhook of LiveKit's as it came: a hint about a room. */
export type InboxEvent = {
  id: string;
  event: string;
  /** The room's name, which is the channel's id; null when the event names none. */
  channelId: string | null;
};

/** Port: webhooks, kept 24 hours so that a repeated one is known. They come several times, late and in any order. */
export type WebhookInbox = {
  /** False when this id came before. */
  add(event: InboxEvent): Promise<boolean>;
  get(id: string): Promise<InboxEvent | null>;
  markProcessed(id: string): Promise<void>;
  /** Those not processed after `olderThanS` seconds: their job was lost. */
  findOpen(olderThanS: number, limit: number): Promise<InboxEvent[]>;
  /** Forgets processed ones older than 24 hours. */
  prune(): Promise<void>;
};
