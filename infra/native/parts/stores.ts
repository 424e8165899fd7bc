import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Install } from '../install.ts';
import { writePrivate } from '../settings/write-private.ts';
import type { PartSpec } from '../supervise/part.ts';
import { httpAnswers } from '../supervise/ready-checks.ts';
import { baseEnv } from './base-env.ts';

/** Redis: jobs, live feed, LiveKit's bus. Append-only, so that a restart loses at most the last second. */
export function redisPart(install: Install): PartSpec {
  const file = join(install.home, 'config/redis.conf');
  return {
    name: 'redis',
    kind: 'service',
    after: [],
    launch() {
      const data = join(install.home, 'data/redis');
      mkdirSync(data, { recursive: true, mode: 0o700 });
      writePrivate(file, redisConfig(install, data));
      return { command: 'redis-server', args: [file], env: baseEnv() };
    },
    isReady: () => redisAnswers(install),
    stopWithinMs: 10_000,
  };
}

function redisConfig({ ports, env }: Install, data: string): string {
  const password = decodeURIComponent(new URL(env.REDIS_URL ?? '').password);
  return [
    'bind 127.0.0.1',
    `port ${ports.redis}`,
    `requirepass ${password}`,
    `dir ${data}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    // Queues must never lose a job to make room (reliability R-53).
    'maxmemory-policy noeviction',
    // A reader of the live feed that stalls is cut at 64 MB, not at the machine's memory.
    'client-output-buffer-limit normal 256mb 64mb 30',
    'client-output-buffer-limit pubsub 64mb 16mb 30',
    '',
  ].join('\n');
}

async function redisAnswers({ env }: Install): Promise<boolean> {
  const redis = new Redis(env.REDIS_URL ?? '', {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 2000,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG'; // refused while it still reads its append-only file
  } finally {
    redis.disconnect();
  }
}

/** MinIO on loopback; its console stays off, its updates and calls home too. */
export function storagePart(install: Install): PartSpec {
  const data = join(install.home, 'data/minio');
  return {
    name: 'storage',
    kind: 'service',
    after: [],
    launch() {
      mkdirSync(data, { recursive: true, mode: 0o700 });
      return {
        command: join(install.repo, '.openair/bin/minio'),
        args: [
          'server',
          '--address',
          `127.0.0.1:${install.ports.storage}`,
          '--console-address',
          `127.0.0.1:${install.ports.storageConsole}`,
          '--certs-dir',
          join(install.home, 'config/minio-certs'),
          data,
        ],
        env: {
          ...baseEnv(),
          MINIO_ROOT_USER: install.env.S3_ACCESS_KEY ?? '',
          MINIO_ROOT_PASSWORD: install.env.S3_SECRET_KEY ?? '',
          MINIO_BROWSER: 'off',
          MINIO_UPDATE: 'off',
          MINIO_CALLHOME_ENABLE: 'off',
        },
      };
    },
    isReady: () =>
      httpAnswers(`http://127.0.0.1:${install.ports.storage}/minio/health/cluster`, (status) => status === 200),
    isAlive: () => httpAnswers(`http://127.0.0.1:${install.ports.storage}/minio/health/live`),
    stopWithinMs: 10_000,
  };
}
