import { Redis, type RedisOptions } from 'ioredis';
import type { BusLog, BusWire } from './bus-wire.ts';

const RECONNECT_MAX_MS = 1_000;
/** A Redis that accepts connections but stalls must not hold a publisher for ever. */
const COMMAND_TIMEOUT_MS = 5_000;

type Channel = { listeners: Set<(payload: Uint8Array) => void>; ready: Promise<unknown> };

function connect(url: string, name: string, options: RedisOptions, log: BusLog): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    connectTimeout: 3_000,
    keepAlive: 5_000,
    retryStrategy: (attempt) => Math.min(100 * attempt, RECONNECT_MAX_MS),
    ...options,
  });
  let said = '';
  redis.on('error', (error: Error) => {
    // One line an outage, not one a second.
    if (error.message !== said) log.warn({ connection: name, reason: error.message }, 'redis connection failed');
    said = error.message;
  });
  redis.on('ready', () => {
    said = '';
  });
  return redis;
}

/**
 * The wire over Redis pub/sub: one connection to listen, one to speak. Both reconnect for ever; the listener resubscribes to
 * everything; a message sent while Redis is away fails at once, because a late one would be expired anyway.
 * @param redisUrl `redis://[user:password@]host:port/db`
 */
export function openRedisWire(redisUrl: string, log: BusLog): BusWire {
  const listener = connect(redisUrl, 'openair-bus-sub', { maxRetriesPerRequest: null, autoResubscribe: true }, log);
  const speaker = connect(
    redisUrl,
    'openair-bus-pub',
    { maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS },
    log,
  );
  const channels = new Map<string, Channel>();

  listener.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
    for (const hear of [...(channels.get(channel.toString())?.listeners ?? [])]) {
      try {
        hear(payload);
      } catch (error) {
        log.error({ channel: channel.toString(), err: error }, 'a listener of the bus failed');
      }
    }
  });

  return {
    async publish(channel, payload) {
      await speaker.publish(channel, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
    },
    async subscribe(name, hear) {
      const wrapped = (payload: Uint8Array) => hear(payload);
      const channel = channels.get(name) ?? { listeners: new Set(), ready: listener.subscribe(name) };
      channels.set(name, channel);
      channel.listeners.add(wrapped);
      await channel.ready;
      return async () => {
        if (!channel.listeners.delete(wrapped) || channel.listeners.size > 0) return;
        if (channels.get(name) === channel) channels.delete(name);
        // Not awaited: while Redis is away this would wait for it, and there is nothing to leave.
        listener.unsubscribe(name).catch(() => undefined);
      };
    },
    isConnected: () => listener.status === 'ready' && speaker.status === 'ready',
    async close() {
      channels.clear();
      listener.disconnect();
      speaker.disconnect();
    },
  };
}
