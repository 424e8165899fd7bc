/** Port: a channel's stream key, readable for its owner (encrypted at rest), found by a keyed hash. */
export type StreamKeyStore = {
  /** Sets or replaces the channel's key; the old one is dead at once. */
  put(channelId: string, streamKey: string): Promise<void>;
  get(channelId: string): Promise<string | null>;
  findChannelId(streamKey: string): Promise<string | null>;
};

/** Port: makes keys nobody can guess, e.g. `live_` + 26 base-62 characters (154 bits; ASVS 11.5.1 asks for 128). */
export type StreamKeyMaker = { makeStreamKey(): string };

/** What a key may look like; anything else is refused without asking a store. */
export const STREAM_KEY = /^[A-Za-z0-9_-]{8,128}$/;
