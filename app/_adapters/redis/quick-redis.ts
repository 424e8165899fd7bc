import { Redis, type RedisOptions } from 'ioredis';

/** A person waits for the answer: better none than a late one. */
const COMMAND_TIMEOUT_MS = 1500;
const RECONNECT_MAX_MS = 2000;

/**
 * A connection for commands in somebody's way: fails within 1.5 s instead of waiting for a Redis that is away, and is
 * back by itself. Its duplicates (blocking reads, subscriptions) wait for as long as it takes.
 * @param onError told each connection error; the connection goes on trying
 */
export function connectQuickRedis(url: string, onError: (error: Error) => void): Redis {
  const patient = { maxRetriesPerRequest: null, retryStrategy } as const;
  const redis = new Redis(url, {
    ...patient,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectionName: 'openair-realtime',
  });
  redis.on('error', onError);
  const connectPatient = (override: Partial<RedisOptions> = {}): Redis => {
    const twin = new Redis(url, { ...override, ...patient, connectionName: 'openair-realtime-read' });
    twin.on('error', onError);
    return twin;
  };
  return Object.assign(redis, { duplicate: connectPatient as Redis['duplicate'] });
}

function retryStrategy(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MAX_MS);
}
