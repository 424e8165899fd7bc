import type { Redis } from 'ioredis';
import { type FeedStatus, parseFeedRecord } from '#core/playback/feed-status';
import { FEED_NEWS_CHANNEL, FeedNews, feedKeys } from '#core/playback/live-feed';
import { AppError } from '#core/shared/app-error';

/** The news in a message of the channel, or null when it is none of ours. */
function readNews(message: string): FeedNews | null {
  try {
    return FeedNews.safeParse(JSON.parse(message)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * The engine's words in Redis. Watching takes one connection of its own, however many handlers there are; it subscribes again
 * by itself after a loss.
 * @param onError told of errors of that connection and of handlers that throw
 */
export function createRedisFeedStatus(redis: Redis, onError: (error: Error) => void): FeedStatus {
  const handlers = new Set<(news: FeedNews) => void>();
  let subscriber: Redis | null = null;

  function tell(message: string): void {
    const news = readNews(message);
    if (!news) return;
    for (const handler of handlers) {
      try {
        handler(news);
      } catch (error) {
        onError(error as Error);
      }
    }
  }

  return {
    async get(playbackId) {
      try {
        return parseFeedRecord(await redis.hgetall(feedKeys.record(playbackId)));
      } catch (cause) {
        throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause });
      }
    },
    async watch(handler) {
      handlers.add(handler);
      if (!subscriber) {
        subscriber = redis.duplicate({ maxRetriesPerRequest: null, commandTimeout: undefined });
        subscriber.on('error', onError);
        subscriber.on('message', (_channel, message) => tell(message));
        await subscriber.subscribe(FEED_NEWS_CHANNEL);
      }
      return async () => {
        handlers.delete(handler);
        if (handlers.size > 0 || !subscriber) return;
        const idle = subscriber;
        subscriber = null;
        idle.disconnect();
      };
    },
  };
}
