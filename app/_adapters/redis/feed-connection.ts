import { Redis } from 'ioredis';

/** A viewer waits for the answer: better none than a late one. */
const COMMAND_TIMEOUT_MS = 2000;
const RECONNECT_MAX_MS = 1000;
/** A blocking read that is silent for longer than its own limit means a dead socket. */
const BLOCKING_GRACE_MS = 3000;

/** RESP2: the shapes of XREAD's reply are those that the readers here take apart. */
const COMMON = {
  protocol: 2,
  retryStrategy: (attempt: number) => Math.min(RECONNECT_MAX_MS, 50 * attempt),
} as const;

/**
 * Connection for commands in a viewer's way: fails within 2 s instead of waiting for a Redis that is away; comes back by itself.
 * @param onError told each connection error, for the log
 */
export function connectFeedRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    ...COMMON,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectionName: 'openair-playback',
  });
  redis.on('error', onError);
  return redis;
}

/** A connection of its own for blocking reads of at most `blockMs`; a socket that died unseen is noticed and made anew. */
export function connectFeedFollower(url: string, blockMs: number, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    ...COMMON,
    maxRetriesPerRequest: null,
    socketTimeout: blockMs + BLOCKING_GRACE_MS,
    connectionName: 'openair-playback-follow',
  });
  redis.on('error', onError);
  return redis;
}
