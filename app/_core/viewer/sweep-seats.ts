import { metadataOf } from '#core/broadcast/open-room';
import { PROGRAM_IDENTITY, seatRoomName } from './seat-book.ts';
import type { SeatRooms } from './take-seat.ts';

const MOST = 500;
type SweepRooms = Pick<SeatRooms, 'stores' | 'mediaRoom' | 'seatBook' | 'seatRoom' | 'log'>;

/**
 * Makes the seats' rooms agree with the book: the engine publishes while a seat is wanted and no longer, and nobody stays without a seat. What
 * cannot be asked is left for the next pass.
 */
export async function sweepSeats(rooms: SweepRooms): Promise<void> {
  const onAir = await rooms.stores.broadcasts.find({ states: ['live', 'interrupted'], limit: MOST });
  if (onAir.length === 0) return;
  const seen = new Map(
    (await rooms.mediaRoom.find(onAir.map(({ channelId }) => channelId))).map((one) => [one.channelId, one]),
  );
  for (const broadcast of onAir) {
    const room = seen.get(broadcast.channelId);
    if (!room) continue;
    const isWanted = await rooms.seatBook.isWanted(broadcast.id);
    const isAsked = room.seats === seatRoomName(broadcast.id);
    if (isWanted !== isAsked) {
      const { channelId, id: broadcastId } = broadcast;
      rooms.log.info({ broadcastId, isWanted }, 'the program for seats begins or ends');
      await rooms.mediaRoom.setMetadata(channelId, metadataOf(broadcast));
    }
    if (isWanted || isAsked) await putOut(rooms, broadcast.id);
  }
}

async function putOut({ seatBook, seatRoom, log }: SweepRooms, broadcastId: string): Promise<void> {
  // Who is inside first: whoever takes a seat in between is in the book by the time it is read.
  const inside = await seatRoom.identities(seatRoomName(broadcastId));
  const seats = new Set((await seatBook.list(broadcastId)).map(({ id }) => id));
  for (const identity of inside) {
    if (identity === PROGRAM_IDENTITY || seats.has(identity)) continue;
    log.info({ broadcastId, seat: identity }, 'somebody without a seat was put out');
    await seatRoom.remove(seatRoomName(broadcastId), identity);
  }
}
