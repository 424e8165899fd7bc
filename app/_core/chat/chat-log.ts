/** Who wrote a line, as readers are shown it. `id` is a user's id or a guest's `gst_…`. */
export type ChatAuthor = {
  id: string;
  name: string;
  role: 'guest' | 'viewer' | 'moderator' | 'host';
};

/** A line before it has its place. */
export type NewChatMessage = {
  id: string;
  channelId: string;
  /** Made by the author's page, a UUID: the same one again is the same line. */
  clientId: string;
  author: ChatAuthor;
  text: string;
  replyTo: number | null;
  atMs: number;
};

/** A line in the channel's chat. */
export type StoredChatMessage = {
  id: string;
  /** Place in the channel's chat: starts at 1, no holes, never reused. */
  seq: number;
  clientId: string;
  author: ChatAuthor;
  text: string;
  replyTo: number | null;
  state: 'visible' | 'removed';
  atMs: number;
};

/**
 * Port: a channel's chat, kept for good. Places are given in the order of commits, so whoever reads seq n can read
 * everything before it. A removed line keeps its place and loses its text.
 */
export type ChatLog = {
  /**
   * Stores one line at the next place. Idempotent per (channel, author, clientId): a repeat gives the line that is
   * already there and `isNew` false, whatever its text says.
   */
  append(message: NewChatMessage): Promise<{ message: StoredChatMessage; isNew: boolean }>;
  /** Lines `fromSeq` to `toSeq`, both included, oldest first; places beyond the head are absent. */
  range(channelId: string, fromSeq: number, toSeq: number): Promise<StoredChatMessage[]>;
  /** The newest `count` lines, oldest first. */
  last(channelId: string, count: number): Promise<StoredChatMessage[]>;
  /** The newest place, 0 when nothing was said yet. */
  head(channelId: string): Promise<number>;
};
