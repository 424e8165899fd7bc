import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimit } from '#core/shared/rate-limit';

/** A limit shared by all web processes. While Redis is away each process counts for itself. */
export function redisRateLimit(
  redis: Redis,
  { name, points, perS }: { name: string; points: number; perS: number },
): RateLimit {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `openair:limit:${name}`,
    points,
    duration: perS,
    insuranceLimiter: new RateLimiterMemory({ points, duration: perS }),
  });
  return {
    async take(key) {
      try {
        await limiter.consume(key);
        return { ok: true };
      } catch (refusal) {
        // A rejection is no Error: it says how long to wait.
        if (refusal instanceof RateLimiterRes)
          return { ok: false, retryAfterS: Math.ceil(refusal.msBeforeNext / 1000) };
        throw refusal;
      }
    },
    async giveBack(key) {
      // Left counted when Redis is away: stricter, never looser.
      await limiter.reward(key).catch(() => undefined);
    },
  };
}
