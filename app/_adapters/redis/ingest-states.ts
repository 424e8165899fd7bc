import type { Redis } from 'ioredis';
import type { IngestStates } from '#core/ingest/show-ingest';
import { ingestStateKey, readNews } from './news-wire.ts';

/** The last ingest news of each channel, as `news-wire.ts` keeps it. */
export function redisIngestStates(redis: Redis): IngestStates {
  return {
    async get(channelId) {
      const text = await redis.get(ingestStateKey(channelId));
      const news = text === null ? null : readNews(text);
      return news?.kind === 'ingest' ? news.ingest : null;
    },
  };
}
