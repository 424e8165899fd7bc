import type { Redis } from 'ioredis';
import { Show, type ShowInput, showKeys } from '#core/playback/show';

/** Sets the hash unless it holds a newer version. KEYS[1] hash; ARGV: version, JSON. Answers 1 when written. */
const PUT_NEWER = `
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or '-1')
if known > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'show', ARGV[2])
return 1`;

/** The fast store of shows, in Redis; throws what Redis throws. */
export type ShowHashes = { put(show: ShowInput): Promise<void>; get(playbackId: string): Promise<Show | null> };

export function createRedisShows(redis: Redis): ShowHashes {
  return {
    async put(show) {
      await redis.eval(PUT_NEWER, 1, showKeys.show(show.playbackId), show.version, JSON.stringify(show));
    },
    async get(playbackId) {
      const text = await redis.hget(showKeys.show(playbackId), 'show');
      if (text === null) return null;
      const read = Show.safeParse(JSON.parse(text));
      return read.success ? read.data : null;
    },
  };
}
