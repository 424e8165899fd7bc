import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createPostgresChatLog } from '#adapters/postgres/chat-log';
import { createRedisAudience } from '#adapters/redis/audience';
import { createRedisPostAllowance } from '#adapters/redis/post-allowance';
import { connectQuickRedis } from '#adapters/redis/quick-redis';
import { createRedisReactionTally } from '#adapters/redis/reaction-tally';
import type { ChatLog } from '#core/chat/chat-log';
import type { PostAllowance } from '#core/chat/post-allowance';
import type { ReactionTally } from '#core/chat/reaction-tally';
import type { Audience } from '#core/viewer/audience';
import type { Services } from './services.ts';

/** What the realtime process has besides the services that all share. */
export type RealtimeServices = {
  chatLog: ChatLog;
  allowance: PostAllowance;
  tally: ReactionTally;
  audience: Audience;
  /** Socket.IO's adapter over Redis Streams: packets of a Redis that was away for a while are read afterwards. */
  adapter: ReturnType<typeof createAdapter>;
  /** What answers right now, for `/healthz`. */
  probe(): Promise<Record<'database' | 'redis', boolean>>;
  close(): void;
};

/** About two minutes of a busy install; who was away longer repairs its gap from PostgreSQL. */
const STREAM_LENGTH = 10_000;
const PROBE_MS = 1000;

export function buildRealtimeServices({ env, clock, log, connections }: Services): RealtimeServices {
  const redis = connectQuickRedis(env.REDIS_URL, (error) => log.warn({ err: error }, 'a Redis connection failed'));
  return {
    chatLog: createPostgresChatLog(connections.database),
    allowance: createRedisPostAllowance(redis),
    tally: createRedisReactionTally(redis),
    audience: createRedisAudience(redis, clock),
    adapter: createAdapter(redis, {
      streamName: 'openair:realtime',
      channelPrefix: 'openair:realtime',
      maxLen: STREAM_LENGTH,
      blockTimeInMs: 2000,
      onlyPlaintext: true,
    }),
    async probe() {
      const [database, cache] = await Promise.all([
        answersInTime(connections.database.query('select 1')),
        answersInTime(redis.ping()),
      ]);
      return { database, redis: cache };
    },
    close: () => redis.disconnect(),
  };
}

function answersInTime(asked: Promise<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, PROBE_MS, false).unref());
  return Promise.race([asked.then(() => true).catch(() => false), late]);
}
