import type { Redis } from 'ioredis';
import type { Clock } from '#core/shared/clock';
import { AUDIENCE_LEASE_MS, type Audience } from '#core/viewer/audience';

const key = (playbackId: string) => `audience:${playbackId}`;
/** The set goes by itself when nobody watches any more. */
const KEEP_MS = 2 * AUDIENCE_LEASE_MS;
/** Ended leases are swept from a set at most this often by one process, ms. */
const SWEEP_EVERY_MS = 5000;
/** Shows whose last sweep is remembered. */
const SWEEP_MEMORY = 10_000;

/** Leases in one sorted set a show: member = viewer session, score = when the lease ends, ms. Clocks of origins agree to seconds. */
export function createRedisAudience(redis: Redis, clock: Clock): Audience {
  const sweptAt = new Map<string, number>();

  /** True when it is time to sweep this show's set again. */
  function dueForSweep(playbackId: string, now: number): boolean {
    if (now - (sweptAt.get(playbackId) ?? 0) < SWEEP_EVERY_MS) return false;
    if (sweptAt.size >= SWEEP_MEMORY) sweptAt.clear();
    sweptAt.set(playbackId, now);
    return true;
  }

  return {
    async beat(playbackId, sessionId) {
      const now = clock.now().getTime();
      const write = redis.multi();
      write.zadd(key(playbackId), now + AUDIENCE_LEASE_MS, sessionId);
      if (dueForSweep(playbackId, now)) write.zremrangebyscore(key(playbackId), '-inf', now);
      await write.pexpire(key(playbackId), KEEP_MS).exec();
    },
    async leave(playbackId, sessionId) {
      await redis.zrem(key(playbackId), sessionId);
    },
    count: (playbackId) => redis.zcount(key(playbackId), `(${clock.now().getTime()}`, '+inf'),
  };
}
