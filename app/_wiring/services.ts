import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { betterAuthAccounts } from '#adapters/better-auth/accounts';
import { type Auth, makeAuth } from '#adapters/better-auth/auth';
import { betterAuthSignIn } from '#adapters/better-auth/sign-in';
import { livekitEgressRunner } from '#adapters/livekit/egress-runner';
import { livekitIngressRegistry } from '#adapters/livekit/ingress-registry';
import { livekitMediaRoom } from '#adapters/livekit/media-room';
import { livekitPushIds } from '#adapters/livekit/push-id';
import { livekitSeatRoom } from '#adapters/livekit/seat-room';
import { livekitWebhookReader, type WebhookReader } from '#adapters/livekit/webhook';
import { systemResolver } from '#adapters/node/host-resolver';
import { randomIds, randomText } from '#adapters/node/ids';
import { makePasswordHasher } from '#adapters/node/password-hasher';
import { makeSecretBox } from '#adapters/node/secret-box';
import { randomStreamKeys } from '#adapters/node/stream-key-maker';
import { openDatabase } from '#adapters/postgres/database';
import { openRedis } from '#adapters/redis/connection';
import { redisIngestStates } from '#adapters/redis/ingest-states';
import { redisJobQueue, runJobs } from '#adapters/redis/job-queue';
import { redisLateUploads } from '#adapters/redis/late-uploads';
import { redisNewsWire } from '#adapters/redis/news-wire';
import { createRedisSeatBook } from '#adapters/redis/seat-book';
import type { Accounts } from '#core/account/accounts';
import type { SignIn } from '#core/account/sign-in';
import type { NewsWire } from '#core/broadcast/news';
import { makeQueries, type Queries } from '#core/broadcast/queries';
import type { BroadcastRooms } from '#core/broadcast/rooms';
import type { HostResolver } from '#core/destination/check-target';
import { readTargetPolicy, type TargetPolicy } from '#core/destination/target-address';
import type { SeatRoom } from '#core/egress/seat-room';
import type { IngressRegistry } from '#core/ingest/ingress-registry';
import type { IngestStates } from '#core/ingest/show-ingest';
import type { StreamKeyMaker } from '#core/ingest/stream-key';
import type { FeedStatus } from '#core/playback/feed-status';
import type { SignGrant } from '#core/playback/playback-grant';
import type { ShowRegistry } from '#core/playback/show';
import type { LateUploads } from '#core/recording/late-uploads';
import type { Probe } from '#core/shared/health';
import type { JobHandlers } from '#core/shared/job-queue';
import type { Audience } from '#core/viewer/audience';
import type { SeatBook } from '#core/viewer/seat-book';
import { withSeats } from '#core/viewer/seats-in-metadata';
import type { Env } from './env.ts';
import { healthProbes } from './health-probes.ts';
import { type Limits, makeLimits } from './limits.ts';
import { makeLog } from './log.ts';
import { buildPlaybackServices, type PlaybackServices } from './playback-services.ts';
import { makeStores, type Stores } from './stores.ts';

/**
 * The only builder of adapters. Each process asks for what it needs; connections are opened at first use and closed by `close`.
 */
export type Services = Omit<BroadcastRooms, 'stores' | 'audience' | 'feedStatus' | 'shows' | 'news' | 'log'> & {
  env: Env;
  log: Logger;
  /** Reads for pages and sockets. */
  queries: Queries;
  accounts: Accounts;
  signIn: SignIn;
  auth(): Auth;
  news: NewsWire;
  audience: Audience;
  feedStatus: FeedStatus;
  shows: ShowRegistry;
  signGrant: SignGrant;
  revocations: PlaybackServices['revocations'];
  qualityBook: PlaybackServices['qualityBook'];
  storage: PlaybackServices['storage'];
  lateUploads: LateUploads;
  seatBook: SeatBook;
  seatRoom: SeatRoom;
  seatBudget: number;
  feed: PlaybackServices['feed'];
  /** Makes tokens nobody can guess, 256 bits. */
  makeToken(): string;
  stores: Stores;
  ingresses: IngressRegistry;
  ingestStates: IngestStates;
  streamKeys: StreamKeyMaker;
  resolver: HostResolver;
  targets: TargetPolicy;
  webhooks: WebhookReader;
  rateLimits: Limits;
  /** Runs jobs in this process until closed; for the control worker. */
  runJobs(handlers: JobHandlers): { close(): Promise<void> };
  probes: Record<string, Probe>;
  /** LiveKit as browsers reach it. */
  livekitUrl: string;
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

const VITAL_CONNECTIONS = 3;

/** Builds one process's adapters. */
export function buildServices(env: Env, { name }: BuildOptions): Services {
  const log = makeLog(name, env.LOG_LEVEL);
  const box = makeSecretBox(env.OPENAIR_SECRET);
  const onBroken = (error: Error) => log.warn({ err: error }, 'a database connection broke');
  const database = openDatabase(env.DATABASE_URL, onBroken);
  // Whoever has to mend a busy database can still sign in and look at its health.
  const vital = openDatabase(env.DATABASE_URL, onBroken, { connections: VITAL_CONNECTIONS, keepOpen: true });
  const connections = makeRedisConnections(env, log);
  const { redis } = connections;
  const stores = makeStores(database, box);
  const playback = buildPlaybackServices(env, log);
  const { audience, feedStatus, shows, storage, signGrant, revocations, qualityBook, feed, clock } = playback;
  const seatBook = createRedisSeatBook(redis, clock);
  const livekit = { url: env.LIVEKIT_URL, apiKey: env.LIVEKIT_API_KEY, apiSecret: env.LIVEKIT_API_SECRET };
  const addresses = { pages: env.OPENAIR_URL, playback: env.OPENAIR_PLAYBACK_URL };
  const getAuth = once(() =>
    makeAuth({ pool: vital, url: env.OPENAIR_URL, secret: box.lookup('auth', 'sign-in').toString('hex') }),
  );
  const getSignIn = once(() => betterAuthSignIn(getAuth(), vital));
  const getJobs = once(() => redisJobQueue(connections.open('command')));

  return {
    env,
    log,
    clock,
    ids: randomIds,
    stores,
    addresses,
    limits: {
      maxBroadcasts: env.OPENAIR_MAX_BROADCASTS,
      reconnectWindowS: env.OPENAIR_RECONNECT_WINDOW_S,
      defaultRungs: env.OPENAIR_RUNGS,
    },
    queries: makeQueries({ ...stores, audience, addresses, clock }),
    accounts: betterAuthAccounts(getAuth, stores.apiKeys, clock),
    get signIn() {
      return getSignIn();
    },
    auth: getAuth,
    news: redisNewsWire(redis, () => connections.open('blocking'), log),
    audience,
    feedStatus,
    shows,
    signGrant,
    revocations,
    qualityBook,
    storage,
    lateUploads: redisLateUploads(redis),
    feed,
    makeToken: () => randomText(43),
    mediaRoom: withSeats(livekitMediaRoom(livekit), seatBook, log),
    seatBook,
    seatRoom: livekitSeatRoom(livekit),
    seatBudget: env.OPENAIR_SEATS,
    egress: livekitEgressRunner(livekit),
    ingresses: livekitIngressRegistry(livekit),
    pushIds: livekitPushIds(env.LIVEKIT_API_SECRET),
    webhooks: livekitWebhookReader(livekit),
    ingestStates: redisIngestStates(redis),
    streamKeys: randomStreamKeys,
    passwords: makePasswordHasher(),
    resolver: systemResolver,
    targets: readTargetPolicy(env.OPENAIR_ALLOW_TARGETS, env.OPENAIR_OWN_PORTS),
    jobs: { add: (job, data, options) => getJobs().add(job, data, options) },
    runJobs: (handlers) => runJobs(connections.open('blocking'), handlers, log),
    rateLimits: makeLimits(redis),
    probes: healthProbes({ env, database: vital, redis, storage }),
    livekitUrl: env.LIVEKIT_PUBLIC_URL,
    connections: { database, redis, openBlockingRedis: () => connections.open('blocking') },
    async close() {
      playback.close();
      connections.close();
      await Promise.all([database.end(), vital.end()]);
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function makeRedisConnections(env: Env, log: Logger) {
  const opened = new Set<Redis>();
  const open = (role: 'command' | 'blocking'): Redis => {
    const redis = openRedis(env.REDIS_URL, role, (error) => log.warn({ err: error }, 'a Redis connection failed'));
    opened.add(redis);
    redis.once('end', () => opened.delete(redis));
    return redis;
  };
  return {
    redis: open('command'),
    open,
    close() {
      for (const one of opened) one.disconnect();
    },
  };
}
