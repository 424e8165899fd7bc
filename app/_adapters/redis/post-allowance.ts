import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ALLOWANCES, type AllowanceKind, type PostAllowance } from '#core/chat/post-allowance';

/** Allowances in Redis, shared by all instances; while Redis is away each instance counts for itself. */
export function createRedisPostAllowance(redis: Redis): PostAllowance {
  const limiters = new Map<AllowanceKind, RateLimiterRedis>();
  const limiterOf = (what: AllowanceKind): RateLimiterRedis => {
    const known = limiters.get(what);
    if (known) return known;
    const { points, seconds: duration } = ALLOWANCES[what];
    const limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `allow:${what}`,
      points,
      duration,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix: `allow:${what}`, points, duration }),
    });
    limiters.set(what, limiter);
    return limiter;
  };
  return {
    async take(what, who) {
      try {
        await limiterOf(what).consume(who);
        return 0;
      } catch (rejection) {
        // A refusal is no Error: it carries the wait.
        if (rejection instanceof RateLimiterRes) return Math.max(1, rejection.msBeforeNext);
        throw rejection;
      }
    },
  };
}
