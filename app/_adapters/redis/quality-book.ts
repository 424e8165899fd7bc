import type { Redis } from 'ioredis';
import { AppError } from '#core/shared/app-error';
import { QUALITY_KEEP_S, type QualityBook } from '#core/viewer/quality-book';
import type { QualityTally } from '#core/viewer/quality-tally';

const key = (playbackId: string) => `quality:${playbackId}`;

/** Quality by minute as one hash of counters a show: field `{minute}|{name}`. */
export function createRedisQualityBook(redis: Redis): QualityBook {
  const unavailable = (cause: unknown) =>
    new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause });
  return {
    async add(playbackId, minute, tally) {
      const write = redis.multi();
      for (const [name, value] of Object.entries(tally))
        write.hincrby(key(playbackId), `${minute}|${name}`, Math.round(value));
      await write
        .expire(key(playbackId), QUALITY_KEEP_S)
        .exec()
        .catch((error) => {
          throw unavailable(error);
        });
    },
    async read(playbackId) {
      const fields = await redis.hgetall(key(playbackId)).catch((error) => {
        throw unavailable(error);
      });
      const minutes = new Map<number, QualityTally>();
      for (const [field, value] of Object.entries(fields)) {
        const [minute = '', name = ''] = field.split('|');
        const tally = minutes.get(Number(minute)) ?? {};
        minutes.set(Number(minute), tally);
        tally[name] = Number(value);
      }
      return [...minutes].map(([minute, tally]) => ({ minute, tally })).sort((a, b) => a.minute - b.minute);
    },
  };
}
