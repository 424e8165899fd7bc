import type { Redis } from 'ioredis';
import { redisRateLimit } from '#adapters/redis/rate-limiter';
import type { RateLimit } from '#core/shared/rate-limit';

/** How often what may be asked. */
export type Limits = {
  /** Sign-ins from one address. */
  signInByAddress: RateLimit;
  /** Sign-ins to one account, from anywhere. */
  signInByAccount: RateLimit;
  /** Wrong passwords and tickets for one broadcast from one address; right ones are given back, and so many may be asked at one moment. */
  unlock: RateLimit;
  /** Seats that one caller asks for. */
  seats: RateLimit;
  /** Changes through the API by one caller. */
  writes: RateLimit;
};

export function makeLimits(redis: Redis): Limits {
  return {
    signInByAddress: redisRateLimit(redis, { name: 'sign-in-address', points: 30, perS: 60 }),
    signInByAccount: redisRateLimit(redis, { name: 'sign-in-account', points: 10, perS: 60 }),
    unlock: redisRateLimit(redis, { name: 'unlock', points: 20, perS: 300 }),
    seats: redisRateLimit(redis, { name: 'seats', points: 20, perS: 60 }),
    writes: redisRateLimit(redis, { name: 'writes', points: 600, perS: 60 }),
  };
}
