import type { News } from '#core/broadcast/news';
import type { Desks, OpenairServer } from './desks.ts';
import { channelRoom, studioRoom } from './rooms.ts';

/**
 * Passes news on to this instance's sockets; every instance hears the wire itself, so nothing goes through the adapter.
 * @returns stops listening
 */
export function announceNews(io: OpenairServer, { parts, board }: Desks): Promise<() => Promise<void>> {
  return parts.news.subscribe((news: News) => {
    if (news.kind === 'ingest') {
      io.local.to(studioRoom(news.channelId)).emit('ingest:changed', { ingest: news.ingest });
      return;
    }
    const { channelId, broadcast } = news;
    if (!board.noteBroadcast(channelId, broadcast)) return;
    const isForAll = broadcast.visibility === 'public' || broadcast.visibility === 'unlisted';
    io.local.to(isForAll ? channelRoom(channelId) : studioRoom(channelId)).emit('broadcast:changed', { broadcast });
  });
}
