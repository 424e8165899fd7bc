import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3MediaStorage } from '#adapters/storage/media-storage';
import { describeFeedContract } from '#core/playback/feed-reader.contract';
import { LATE_UPLOADS_KEY, mediaKeys } from '#core/playback/live-feed';
import { describeRevocationsContract } from '#core/playback/revocations.contract';
import { createShowRegistry } from '#core/playback/show-registry';
import { describeShowRegistryContract } from '#core/playback/show-registry.contract';
import { describeLateUploadsContract } from '#core/recording/late-uploads.contract';
import { describeMediaStorageContract } from '#core/recording/media-storage.contract';
import { describeAudienceContract } from '#core/viewer/audience.contract';
import { describeQualityBookContract } from '#core/viewer/quality-book.contract';
import { describeSeatBookContract } from '#core/viewer/seat-book.contract';
import { createRedisAudience } from './audience.ts';
import { connectFeedFollower, connectFeedRedis } from './feed-connection.ts';
import { createRedisFeedReader, FOLLOW_BLOCK_MS } from './feed-reader.ts';
import { createRedisFeedStatus } from './feed-status.ts';
import { createFeedWriter } from './fixtures/feed-writer.ts';
import { redisLateUploads } from './late-uploads.ts';
import { createRedisQualityBook } from './quality-book.ts';
import { createRedisRevocations } from './revocations.ts';
import { createRedisSeatBook } from './seat-book.ts';
import { createRedisShows } from './show-registry.ts';

const home = process.env.OPENAIR_TEST_HOME ?? '.openair';
const settings = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
const troubles: unknown[] = [];
const onError = (error: unknown) => troubles.push(error);

let used = 0;
/** Ids that no other test and no broadcast has. */
const freshId = () => `pb_test${Date.now().toString(36)}x${used++}`;

const redis: Redis = connectFeedRedis(settings.REDIS_URL ?? '', onError);
const storage = createS3MediaStorage({
  endpoint: settings.S3_ENDPOINT ?? '',
  accessKey: settings.S3_ACCESS_KEY ?? '',
  secretKey: settings.S3_SECRET_KEY ?? '',
  bucket: settings.S3_BUCKET ?? 'openair',
  region: settings.S3_REGION ?? 'us-east-1',
});

beforeAll(() => storage.ensureBucket());
afterAll(async () => {
  const keys = [...(await redis.keys('*pb_test*'))];
  if (keys.length > 0) await redis.del(...keys);
  const objects = await storage.list('media/pb_test');
  await storage.remove(objects.map(({ key }) => key));
  redis.disconnect();
});

describeMediaStorageContract('S3', () => ({ storage, prefix: mediaKeys.prefix(freshId()) }));
describeAudienceContract('Redis', (clock) => ({ audience: createRedisAudience(redis, clock), playbackId: freshId() }));
describeShowRegistryContract('Redis with S3', () => ({
  shows: createShowRegistry(createRedisShows(redis), storage, (_what, error) => onError(error)),
  playbackId: freshId(),
}));
describeQualityBookContract('Redis', () => ({ book: createRedisQualityBook(redis), playbackId: freshId() }));
describeSeatBookContract('Redis', async (clock) => createRedisSeatBook(redis, clock, `{${freshId()}}`));
describeRevocationsContract('Redis', () => ({ revocations: createRedisRevocations(redis), playbackId: freshId() }));
describeLateUploadsContract('Redis', () => ({
  uploads: redisLateUploads(redis),
  playbackId: freshId(),
  note: async (playbackId, upload) => void (await redis.hset(LATE_UPLOADS_KEY, playbackId, JSON.stringify(upload))),
}));
describeFeedContract('Redis', () => {
  const playbackId = freshId();
  const follower = () => connectFeedFollower(settings.REDIS_URL ?? '', FOLLOW_BLOCK_MS, onError);
  return {
    playbackId,
    reader: createRedisFeedReader(redis, follower, onError),
    status: createRedisFeedStatus(redis, onError),
    writer: createFeedWriter(redis, playbackId),
  };
});

test('a show survives the loss of Redis, and is in Redis again after the first question', async () => {
  const playbackId = freshId();
  const shows = createShowRegistry(createRedisShows(redis), storage, (_what, error) => onError(error));
  const base = { playbackId, visibility: 'members', grantEpoch: 2, title: 'T', state: 'live', startsAt: null } as const;
  await shows.put({ ...base, version: 3 });
  await redis.del(`show:${playbackId}`);
  expect(await shows.get(playbackId)).toMatchObject({ visibility: 'members', grantEpoch: 2 });
  expect(await redis.exists(`show:${playbackId}`)).toBe(1);
});

test('a store that hangs is given up on, and says so in our words', async () => {
  const hanging = createS3MediaStorage({
    endpoint: 'http://127.0.0.1:1',
    accessKey: 'nobody',
    secretKey: 'nobody-at-all',
    bucket: 'openair',
    region: 'us-east-1',
    timeoutMs: 300,
  });
  await expect(hanging.get('media/x')).rejects.toMatchObject({ code: 'storage-unavailable' });
});

test('nothing of this went wrong unseen', () => {
  expect(troubles).toEqual([]);
});
