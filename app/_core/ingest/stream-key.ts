/** Port: a channel's stream key, readable for its owner (encrypted at rest), found by a keyed hash. */
export type StreamKeyStore = {
  /** Sets or replaces the channel's key; the old one is dead at once. */
  put(channelId: string, streamKey: string): Promise<void>;
  get(channelId: string): Promise<string | null>;
  findChannelId(streamKey: string): Promise<string | null>;
  /** The channel that a key bears the mark of, whether or not the key is right. */
  findChannelIdByMark(mark: string): Promise<string | null>;
};

/**
 * Port: makes keys nobody can guess: `live_`, the channel's mark, `_`, 26 random base-62 characters (154 bits; ASVS 11.5.1 asks for 128).
 */
export type StreamKeyMaker = { makeStreamKey(channelId: string): string };

const MARK_LENGTH = 10;
const MARKED_KEY = /^live_([A-Za-z0-9]{10})_/;

/** The public start of a channel's id, part of its keys: lets a wrong or replaced key be told to the right studio. */
export function markOf(channelId: string): string {
  return channelId.replace(/^ch_/, '').slice(0, MARK_LENGTH);
}

/** The mark that a key bears, or null for a key that is not of ours. */
export function markIn(streamKey: string): string | null {
  return MARKED_KEY.exec(streamKey)?.[1] ?? null;
}

/** What a key may look like; anything else is refused without asking a store. */
export const STREAM_KEY = /^[A-Za-z0-9_-]{8,128}$/;
