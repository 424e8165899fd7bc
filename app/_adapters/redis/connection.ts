import { Redis } from 'ioredis';

/**
 * `command`: short commands, which fail fast while Redis is away. `blocking`: blocking reads, subscriptions and queues, which
 * wait for it to come back. One connection a role: a blocked one answers nothing else.
 */
export type RedisRole = 'command' | 'blocking';

const COMMAND_TIMEOUT_MS = 3_000;

/** Opens a connection, at its first command. It reconnects by itself; `onError` hears about each failure. */
export function openRedis(url: string, role: RedisRole, onError: (error: Error) => void = () => {}): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 3_000),
    ...(role === 'blocking'
      ? { maxRetriesPerRequest: null, enableReadyCheck: false }
      : { maxRetriesPerRequest: 2, commandTimeout: COMMAND_TIMEOUT_MS }),
  });
  redis.on('error', onError);
  return redis;
}
