import type { MediaRoom } from '#core/egress/media-room';
import type { Log } from '#core/shared/log';
import { type SeatBook, seatRoomName } from './seat-book.ts';

/**
 * A media room whose every written scene also says whether seats are wanted: the engine reads both from one text, and whoever changes a scene
 * knows nothing of seats. When that cannot be said, none are: the next pass over the seats mends it.
 */
export function withSeats(mediaRoom: MediaRoom, book: Pick<SeatBook, 'isWanted'>, log: Log): MediaRoom {
  return {
    ...mediaRoom,
    async setMetadata(channelId, metadata) {
      const { broadcastId } = metadata;
      const wanted =
        broadcastId !== undefined &&
        (await book.isWanted(broadcastId).catch((error: unknown) => {
          log.warn({ err: error, broadcastId }, 'it is not known whether seats are wanted');
          return false;
        }));
      const seats = wanted ? { seats: { room: seatRoomName(broadcastId) } } : {};
      await mediaRoom.setMetadata(channelId, { ...metadata, ...seats });
    },
  };
}
