import type { News } from '#core/broadcast/news';
import { needsGrant } from '#core/playback/needs-grant';
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
    if (news.kind === 'sent-away') return sendAway(io, news);
    const { channelId, broadcast } = news;
    const isForAll = !needsGrant(broadcast.visibility);
    if (isForAll) board.noteBroadcast(channelId, broadcast);
    else board.dropBroadcast(channelId, broadcast.id);
    board.noteBroadcast(broadcast.id, broadcast);
    const told = io.local.to(channelRoom(broadcast.id)).to(isForAll ? channelRoom(channelId) : studioRoom(channelId));
    told.emit('broadcast:changed', { broadcast });
  });
}

/** Whoever was let in by what holds no longer is cut off; when they come back, the join says why it is refused. */
function sendAway(io: OpenairServer, { broadcastId, epoch, viewer }: Extract<News, { kind: 'sent-away' }>): void {
  for (const id of io.of('/').adapter.rooms.get(channelRoom(broadcastId)) ?? []) {
    const socket = io.of('/').sockets.get(id);
    const place = socket?.data.place;
    if (place?.viewer && (viewer === null ? place.epoch !== epoch : place.viewer === viewer)) socket?.disconnect(true);
  }
}
