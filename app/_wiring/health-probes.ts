import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { MediaStorage } from '#core/recording/media-storage';
import type { Probe } from '#core/shared/health';
import type { Env } from './env.ts';

/** Places in the block of ports that follow web's (see the README: web is base + 2). */
const FROM_WEB = { playback: -1, realtime: 1, egress: 11, ingest: 12, control: 13 } as const;
const LIMIT_MS = 1_500;

type Asked = { env: Env; database: Pool; redis: Redis; storage: MediaStorage };

/** One cheap question to each part of the installation. */
export function healthProbes({ env, database, redis, storage }: Asked): Record<string, Probe> {
  const own = (part: keyof typeof FROM_WEB, path: string): string =>
    `http://${env.OPENAIR_BIND === '0.0.0.0' ? '127.0.0.1' : env.OPENAIR_BIND}:${env.WEB_PORT + FROM_WEB[part]}${path}`;
  return {
    database: async () => {
      await database.query('select 1');
      return 'answers';
    },
    redis: async () => {
      await redis.ping();
      return 'answers';
    },
    storage: async () => {
      await storage.head('health-probe').catch(() => {
        throw new Error('the store does not answer or refuses');
      });
      return 'answers';
    },
    livekit: () => answersHttp(env.LIVEKIT_URL),
    egress: () => answersHttp(env.EGRESS_HEALTH_URL ?? own('egress', '/')),
    ingest: () => answersHttp(env.INGEST_HEALTH_URL ?? own('ingest', '/')),
    realtime: () => answersHttp(env.REALTIME_HEALTH_URL ?? own('realtime', '/healthz')),
    playback: () => answersHttp(env.PLAYBACK_HEALTH_URL ?? own('playback', '/healthz')),
    control: () => answersHttp(env.CONTROL_HEALTH_URL ?? own('control', '/healthz')),
  };
}

async function answersHttp(url: string): Promise<string> {
  let status: number;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), redirect: 'manual' });
    status = answer.status;
    await answer.body?.cancel();
  } catch {
    throw new Error('does not answer');
  }
  if (status >= 500 || status === 406) throw new Error(`answers ${status}: it runs, but something it needs is missing`);
  return 'answers';
}
