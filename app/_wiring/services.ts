import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { betterAuthAccounts } from '#adapters/better-auth/accounts';
import { type Auth, makeAuth } from '#adapters/better-auth/auth';
import { betterAuthSignIn } from '#adapters/better-auth/sign-in';
import { randomIds } from '#adapters/node/ids';
import { makeSecretBox } from '#adapters/node/secret-box';
import { postgresApiKeyStore } from '#adapters/postgres/api-key-store';
import { postgresBroadcastStore } from '#adapters/postgres/broadcast-store';
import { postgresChannelStore } from '#adapters/postgres/channel-store';
import { openDatabase } from '#adapters/postgres/database';
import { postgresSignInLinkStore } from '#adapters/postgres/sign-in-link-store';
import { openRedis } from '#adapters/redis/connection';
import { redisNewsWire } from '#adapters/redis/news-wire';
import type { Accounts } from '#core/account/accounts';
import type { ApiKeyStore } from '#core/account/api-key';
import type { SignIn } from '#core/account/sign-in';
import type { SignInLinkStore } from '#core/account/sign-in-link';
import type { BroadcastStore } from '#core/broadcast/broadcast-store';
import type { NewsWire } from '#core/broadcast/news';
import { makeQueries, type Queries } from '#core/broadcast/queries';
import type { ChannelStore } from '#core/channel/channel-store';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import type { Env } from './env.ts';
import { makeLog } from './log.ts';

/**
 * The only builder of adapters. Each process asks for what it needs; connections are opened at first use and closed by `close`.
 */
export type Services = {
  env: Env;
  log: Logger;
  clock: Clock;
  ids: Ids;
  /** Reads for pages and sockets. */
  queries: Queries;
  accounts: Accounts;
  signIn: SignIn;
  auth(): Auth;
  news: NewsWire;
  stores: {
    channels: ChannelStore;
    broadcasts: BroadcastStore;
    apiKeys: ApiKeyStore;
    signInLinks: SignInLinkStore;
  };
  connections: {
    database: Pool;
    /** Short commands. */
    redis: Redis;
    /** A connection of its own for a subscription or a blocking read; the caller ends it. */
    openBlockingRedis(): Redis;
  };
  close(): Promise<void>;
};

export type BuildOptions = {
  /** The process's name, for its log lines. */
  name: string;
};

/** Builds one process's adapters. Nothing connects before its first use. */
export function buildServices(env: Env, { name }: BuildOptions): Services {
  const log = makeLog(name, env.LOG_LEVEL);
  const clock: Clock = { now: () => new Date() };
  const box = makeSecretBox(env.OPENAIR_SECRET);
  const database = openDatabase(env.DATABASE_URL, (error) => log.warn({ err: error }, 'a database connection broke'));
  const opened = new Set<Redis>();
  const open = (role: 'command' | 'blocking'): Redis => {
    const redis = openRedis(env.REDIS_URL, role, (error) => log.warn({ err: error }, 'a Redis connection failed'));
    opened.add(redis);
    redis.once('end', () => opened.delete(redis));
    return redis;
  };
  const redis = open('command');
  const stores = {
    channels: postgresChannelStore(database),
    broadcasts: postgresBroadcastStore(database),
    apiKeys: postgresApiKeyStore(database),
    signInLinks: postgresSignInLinkStore(database),
  };
  let auth: Auth | undefined;
  const getAuth = (): Auth => {
    auth ??= makeAuth({ pool: database, url: env.OPENAIR_URL, secret: box.lookup('auth', 'sign-in').toString('hex') });
    return auth;
  };
  let signIn: SignIn | undefined;

  return {
    env,
    log,
    clock,
    ids: randomIds,
    stores,
    queries: makeQueries({
      ...stores,
      audience: { count: async () => 0 },
      addresses: { pages: env.OPENAIR_URL, playback: env.OPENAIR_PLAYBACK_URL },
      clock,
    }),
    accounts: betterAuthAccounts(getAuth, stores.apiKeys, clock),
    get signIn() {
      signIn ??= betterAuthSignIn(getAuth(), database);
      return signIn;
    },
    auth: getAuth,
    news: redisNewsWire(redis, () => open('blocking'), log),
    connections: { database, redis, openBlockingRedis: () => open('blocking') },
    async close() {
      for (const one of opened) one.disconnect();
      await database.end();
    },
  };
}
