import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { canManageChannel, canWatchBroadcast, notFound } from '#core/account/permissions';
import type { BroadcastRecord } from '#core/broadcast/broadcast-store';
import { metadataOf } from '#core/broadcast/open-room';
import { requireBroadcast } from '#core/broadcast/require-broadcast';
import type { BroadcastRooms } from '#core/broadcast/rooms';
import type { SeatRoom } from '#core/egress/seat-room';
import { judgeGrant, readGrant, type SignGrant, siteMark } from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import { AppError, isAppError } from '#core/shared/app-error';
import { SEAT_RENEW_MS, type Seat, type SeatBook, type SeatRank, seatRoomName } from './seat-book.ts';

/** LiveKit does not revoke tokens: one that is not used at once is worth nothing. */
const TOKEN_LIFE_S = 60;
/** Seconds after which a full house is asked again. */
const FULL_RETRY_S = 30;

const SeatGrant = z.string().max(400).optional();

export const TakeSeat = z.strictObject({
  /** The playback grant of somebody who watches by one: what stands after the `~` in their address. */
  grant: SeatGrant,
  /** What they are in the show, said by whoever runs it: guests and moderators come before viewers. */
  rank: z.enum(['viewer', 'moderator', 'guest']).optional(),
});
export const RenewSeat = z.strictObject({ grant: SeatGrant });

export type SeatRooms = Pick<BroadcastRooms, 'mediaRoom' | 'addresses' | 'clock' | 'ids' | 'log'> & {
  stores: Pick<BroadcastRooms['stores'], 'broadcasts' | 'channels'>;
  seatBook: SeatBook;
  seatRoom: SeatRoom;
  signGrant: SignGrant;
  revocations: Pick<Revocations, 'list'>;
  livekitUrl: string;
  /** How many seats the media server can bear, over all broadcasts. */
  seatBudget: number;
};

export type SeatToken = { seat: string; livekitUrl: string; token: string; renewAfterS: number };
type Asked = { actor: Actor; broadcastId: string };

/**
 * Gives a viewer the program over WebRTC, while there are seats. Has the engine publish it if nobody had a seat before.
 * @throws AppError 'not-found' also for who may not watch, 'wrong-state' while it is not on air or where there are no seats, 'full', 'livekit-unavailable', 'unavailable'
 */
export async function takeSeat(
  rooms: SeatRooms,
  { actor, broadcastId, input }: Asked & { input: z.infer<typeof TakeSeat> },
): Promise<SeatToken> {
  const { broadcast, rank, viewer } = await requireRight(rooms, actor, broadcastId, input);
  if (rooms.seatBudget === 0) {
    const message = 'This server gives no seats with the lowest delay.';
    throw new AppError('wrong-state', { blame: 'operator', retry: 'never', message });
  }
  const id = rooms.ids.make('seat');
  const taken = await rooms.seatBook.take({ id, broadcastId, rank, viewer }, rooms.seatBudget);
  if (!taken.taken) throw full();
  const { displaced } = taken;
  if (displaced) {
    rooms.log.info({ broadcastId, seat: displaced.id, rank: displaced.rank, for: rank }, 'a seat gave way');
    await takeAway(rooms, displaced);
  }
  try {
    const roomName = seatRoomName(broadcastId);
    // Each time: a LiveKit that was restarted has forgotten its rooms.
    await rooms.seatRoom.ensure(roomName);
    if (taken.first) await rooms.mediaRoom.setMetadata(broadcast.channelId, metadataOf(broadcast));
    const token = await rooms.seatRoom.token({ roomName, identity: id, lifeS: TOKEN_LIFE_S });
    return { seat: id, livekitUrl: rooms.livekitUrl, token, renewAfterS: SEAT_RENEW_MS / 1000 };
  } catch (error) {
    // A seat in a room that cannot be reached is nobody's.
    await rooms.seatBook.leave(broadcastId, id).catch(() => {});
    throw error;
  }
}

/**
 * Keeps a seat. The right to watch is looked at again each time.
 * @throws AppError 'not-found' when it was taken back, 'wrong-state', 'unavailable'
 */
export async function renewSeat(
  rooms: SeatRooms,
  { actor, broadcastId, seat, input }: Asked & { seat: string; input: z.infer<typeof RenewSeat> },
): Promise<{ renewAfterS: number }> {
  try {
    await requireRight(rooms, actor, broadcastId, input);
  } catch (error) {
    // A right that is gone ends the seat; a store that is away ends nothing.
    if (isAppError(error) && (error.code === 'not-found' || error.code === 'wrong-state')) {
      await leaveSeat(rooms, { broadcastId, seat });
    }
    throw error;
  }
  if (await rooms.seatBook.renew(broadcastId, seat)) return { renewAfterS: SEAT_RENEW_MS / 1000 };
  throw new AppError('not-found', { blame: 'viewer', retry: 'now', message: 'This seat was taken back.' });
}

/** Gives a seat back; one that was not taken is fine. Its name is the right to do so. @throws AppError 'unavailable' */
export async function leaveSeat(
  rooms: Pick<SeatRooms, 'seatBook' | 'seatRoom' | 'log'>,
  { broadcastId, seat }: { broadcastId: string; seat: string },
): Promise<void> {
  const left = await rooms.seatBook.leave(broadcastId, seat);
  if (left) await takeAway(rooms, left);
}

/**
 * Takes every seat of one viewer: they were sent away.
 * @param viewer null = every seat that a grant was shown for
 * @throws AppError 'unavailable'
 */
export async function endSeatsOf(
  rooms: Pick<SeatRooms, 'seatBook' | 'seatRoom' | 'log'>,
  broadcastId: string,
  viewer: string | null,
): Promise<void> {
  const isMeant = (seat: Seat) => seat.viewer !== null && (viewer === null || seat.viewer === viewer);
  const theirs = (await rooms.seatBook.list(broadcastId)).filter(isMeant);
  for (const { id } of theirs) await leaveSeat(rooms, { broadcastId, seat: id });
}

/** Who is still in the room without a seat is put out by the next pass (sweep-seats.ts) if it does not work now. */
async function takeAway(
  { seatRoom, log }: Pick<SeatRooms, 'seatRoom' | 'log'>,
  { broadcastId, id }: { broadcastId: string; id: string },
): Promise<void> {
  await seatRoom
    .remove(seatRoomName(broadcastId), id)
    .catch((error: unknown) => log.warn({ err: error, broadcastId, seat: id }, 'a seat could not be taken back yet'));
}

type Right = { broadcast: BroadcastRecord; rank: SeatRank; viewer: string | null };

async function requireRight(
  rooms: SeatRooms,
  actor: Actor,
  broadcastId: string,
  { grant, rank }: { grant?: string; rank?: Exclude<SeatRank, 'host'> },
): Promise<Right> {
  const { broadcast, channel } = await requireBroadcast(rooms, broadcastId);
  const manages = canManageChannel(actor, channel);
  const isOpen = canWatchBroadcast(actor, broadcast, channel);
  const viewer = isOpen ? null : await viewerOf(rooms, broadcast, grant);
  if (!isOpen && viewer === null) throw notFound('broadcast');
  if (broadcast.state !== 'live' && broadcast.state !== 'interrupted') {
    throw new AppError('wrong-state', { blame: 'viewer', retry: 'never', message: 'This broadcast is not on air.' });
  }
  const isHost = actor.kind !== 'anonymous' && actor.userId === channel.ownerId;
  // Of the team unless they say that they ask for somebody else.
  const own: SeatRank = isHost ? 'host' : 'moderator';
  return { broadcast, rank: manages ? (rank ?? own) : 'viewer', viewer };
}

/** Whom a playback grant names, while it is good; null otherwise. */
async function viewerOf(
  { signGrant, revocations, addresses, clock }: SeatRooms,
  broadcast: BroadcastRecord,
  grant: string | undefined,
): Promise<string | null> {
  if (grant === undefined) return null;
  const verdict = judgeGrant(broadcast, readGrant(signGrant, broadcast.playbackId, grant), {
    nowMs: clock.now().getTime(),
    revoked: await revocations.list(broadcast.playbackId),
    // Only our own pages can ask.
    site: siteMark(signGrant, new URL(addresses.pages).hostname),
  });
  return verdict.ok ? (verdict.grant?.viewer ?? null) : null;
}

function full(): AppError {
  return new AppError('full', {
    blame: 'operator',
    retry: 'with-back-off',
    retryAfterS: FULL_RETRY_S,
    message: 'Every seat with the lowest delay is taken just now.',
  });
}
