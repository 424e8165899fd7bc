import { createHmac } from 'node:crypto';
import type { Logger } from 'pino';
import { createRedisAudience } from '#adapters/redis/audience';
import { connectFeedFollower, connectFeedRedis } from '#adapters/redis/feed-connection';
import { createRedisFeedReader, FOLLOW_BLOCK_MS } from '#adapters/redis/feed-reader';
import { createRedisFeedStatus } from '#adapters/redis/feed-status';
import { createRedisQualityBook } from '#adapters/redis/quality-book';
import { createRedisRevocations } from '#adapters/redis/revocations';
import { createRedisShows } from '#adapters/redis/show-registry';
import { createS3MediaStorage } from '#adapters/storage/media-storage';
import type { FeedReader } from '#core/playback/feed-reader';
import type { FeedStatus } from '#core/playback/feed-status';
import type { SignGrant } from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import type { ShowRegistry } from '#core/playback/show';
import { createShowRegistry } from '#core/playback/show-registry';
import type { MediaStorage } from '#core/recording/media-storage';
import type { Clock } from '#core/shared/clock';
import type { Audience } from '#core/viewer/audience';
import type { QualityBook } from '#core/viewer/quality-book';
import type { Env } from './env.ts';

export type PlaybackServices = {
  feed: FeedReader;
  feedStatus: FeedStatus;
  shows: ShowRegistry;
  revocations: Revocations;
  audience: Audience;
  qualityBook: QualityBook;
  storage: MediaStorage & { ensureBucket(): Promise<void> };
  signGrant: SignGrant;
  clock: Clock;
  close(): void;
};

/** The key of playback grants, drawn from the install's secret for this one purpose: web signs with it, playback checks. */
export function grantSigner(env: Pick<Env, 'OPENAIR_SECRET'>): SignGrant {
  const key = createHmac('sha256', env.OPENAIR_SECRET).update('playback-grant').digest();
  return (text) => createHmac('sha256', key).update(text).digest('base64url');
}

/** Everything around the media: feed, shows, storage, audience. For playback, and for whoever writes shows or finalises. */
export function buildPlaybackServices(env: Env, log: Logger): PlaybackServices {
  const onRedisError = (error: Error) => log.warn({ err: error }, 'redis connection');
  const onFeedError = (error: Error) => log.warn({ err: error }, 'live feed');
  const redis = connectFeedRedis(env.REDIS_URL, onRedisError);
  const clock = { now: () => new Date() };
  const storage = createS3MediaStorage({
    endpoint: env.S3_ENDPOINT,
    accessKey: env.S3_ACCESS_KEY,
    secretKey: env.S3_SECRET_KEY,
    bucket: env.S3_BUCKET,
    region: env.S3_REGION,
  });
  return {
    feed: createRedisFeedReader(
      redis,
      () => connectFeedFollower(env.REDIS_URL, FOLLOW_BLOCK_MS, onRedisError),
      onFeedError,
    ),
    feedStatus: createRedisFeedStatus(redis, onRedisError),
    shows: createShowRegistry(createRedisShows(redis), storage, (what, error) => log.warn({ err: error }, what)),
    revocations: createRedisRevocations(redis),
    qualityBook: createRedisQualityBook(redis),
    audience: createRedisAudience(redis, clock),
    storage,
    signGrant: grantSigner(env),
    clock,
    close: () => redis.disconnect(),
  };
}
