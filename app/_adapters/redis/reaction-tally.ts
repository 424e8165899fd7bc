import type { Redis } from 'ioredis';
import type { ReactionTally } from '#core/chat/reaction-tally';

const KEEP_S = 7 * 24 * 3600;
const keyOf = (broadcastId: string) => `reactions:${broadcastId}`;

/** Totals in a Redis hash per broadcast, kept for a week after the last reaction. */
export function createRedisReactionTally(redis: Redis): ReactionTally {
  return {
    async add(broadcastId, counts) {
      const entries = Object.entries(counts);
      if (entries.length === 0) return;
      const batch = redis.multi();
      for (const [kind, count] of entries) batch.hincrby(keyOf(broadcastId), kind, count);
      await batch.expire(keyOf(broadcastId), KEEP_S).exec();
    },
    async totals(broadcastId) {
      const stored = await redis.hgetall(keyOf(broadcastId));
      return Object.fromEntries(Object.entries(stored).map(([kind, count]) => [kind, Number(count)]));
    },
  };
}
