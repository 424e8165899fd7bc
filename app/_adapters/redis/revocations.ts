import type { Redis } from 'ioredis';
import { REVOCATION_KEEP_S, type Revocations } from '#core/playback/revocations';
import { AppError } from '#core/shared/app-error';

const key = (playbackId: string) => `revoked:${playbackId}`;

async function asked<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause });
  }
}

/** Revoked viewers as one set a show. */
export function createRedisRevocations(redis: Redis): Revocations {
  return {
    revoke: (playbackId, viewer) =>
      asked(async () => {
        await redis.multi().sadd(key(playbackId), viewer).expire(key(playbackId), REVOCATION_KEEP_S).exec();
      }),
    allow: (playbackId, viewer) =>
      asked(async () => {
        await redis.srem(key(playbackId), viewer);
      }),
    list: (playbackId) => asked(async () => new Set(await redis.smembers(key(playbackId)))),
  };
}
