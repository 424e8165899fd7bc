import type { Redis } from 'ioredis';
import { LATE_UPLOADS_KEY, LateUpload } from '#core/playback/live-feed';
import type { LateUploads } from '#core/recording/late-uploads';
import { AppError } from '#core/shared/app-error';

const CLEAR = `
local note = redis.call('HGET', KEYS[1], ARGV[1])
if note and cjson.decode(note).waiting == 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
`;

function read(text: string): LateUpload | null {
  try {
    return LateUpload.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The notes that the egress workers keep in Redis. */
export function redisLateUploads(redis: Redis): LateUploads {
  const asked = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause });
    }
  };
  return {
    async list() {
      const notes = Object.entries(await asked(redis.hgetall(LATE_UPLOADS_KEY)));
      return new Map(
        notes.flatMap(([playbackId, text]) => {
          const note = read(text);
          return note ? [[playbackId, note] as const] : [];
        }),
      );
    },
    async clear(playbackId) {
      await asked(redis.eval(CLEAR, 1, LATE_UPLOADS_KEY, playbackId));
    },
  };
}
