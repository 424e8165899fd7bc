import type { Redis } from 'ioredis';
import { NEWS_CHANNEL, News, type NewsWire } from '#core/broadcast/news';
import type { Log } from '#core/shared/log';

/** Newest ingest news of each channel, so that a studio that opens later knows; gone with Redis, then `idle` is assumed. */
export const ingestStateKey = (channelId: string) => `ingest:${channelId}:state`;
const KEEP_INGEST_S = 86_400;

/** News over Redis pub/sub; also keeps the last ingest news of each channel. */
export function redisNewsWire(redis: Redis, openSubscriber: () => Redis, log: Log): NewsWire {
  return {
    async publish(news) {
      const text = JSON.stringify(news);
      if (news.kind === 'ingest') await redis.set(ingestStateKey(news.channelId), text, 'EX', KEEP_INGEST_S);
      await redis.publish(NEWS_CHANNEL, text);
    },
    async subscribe(handler) {
      const subscriber = openSubscriber();
      subscriber.on('message', (_channel: string, text: string) => {
        const news = readNews(text);
        if (!news) log.warn({ bytes: text.length }, 'news that nobody understands was dropped');
        else handler(news);
      });
      await subscriber.subscribe(NEWS_CHANNEL);
      return async () => {
        subscriber.disconnect();
      };
    },
  };
}

/** Parses what came over the wire; null for anything that is not news. */
export function readNews(text: string): News | null {
  try {
    return News.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
