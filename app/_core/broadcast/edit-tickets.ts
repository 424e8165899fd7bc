import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import type { SignGrant } from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import { AppError } from '#core/shared/app-error';
import { endSeatsOf, type SeatRooms } from '#core/viewer/take-seat';
import { ticketCode, ticketLink, type WatchTicket, type WatchTickets } from '#core/viewer/watch-ticket';
import type { BroadcastRecord } from './broadcast-store.ts';
import { tellSentAway } from './change-broadcast.ts';
import { publicView } from './public-view.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

const MOST_AT_ONCE = 100;
const MOST_TICKETS = 2000;

export const MakeTickets = z.strictObject({
  /** Whom they are for; the host's own note. */
  label: z.string().trim().max(100, 'must have at most 100 characters').default(''),
  count: z.int().min(1, 'must be at least 1').max(MOST_AT_ONCE, `must be at most ${MOST_AT_ONCE}`).default(1),
});

export const TicketView = z.object({
  id: z.string(),
  label: z.string(),
  state: z.enum(['unused', 'used', 'revoked']),
  /** To be sent to one person; null once it was used or taken back. */
  link: z.string().nullable(),
  createdAt: z.iso.datetime(),
  usedAt: z.iso.datetime().nullable(),
});
export type TicketView = z.infer<typeof TicketView>;

type TicketRooms = Pick<BroadcastRooms, 'addresses' | 'clock' | 'ids' | 'news' | 'log'> & {
  stores: Pick<BroadcastRooms['stores'], 'broadcasts' | 'channels'> & { watchTickets: WatchTickets };
  signGrant: SignGrant;
  revocations: Pick<Revocations, 'revoke'>;
};
type Asked = { actor: Actor; broadcastId: string };

/** For those who run the channel, oldest first. @throws AppError 'unauthenticated', 'not-found' */
export async function findTickets(rooms: TicketRooms, { actor, broadcastId }: Asked): Promise<TicketView[]> {
  const { broadcast, channel } = await requireOwnBroadcast(rooms, actor, broadcastId);
  const { watchUrl } = publicView(broadcast, channel, 0, rooms.addresses);
  return (await rooms.stores.watchTickets.find(broadcast.id)).map((one) => viewTicket(rooms.signGrant, one, watchUrl));
}

/**
 * Makes links that work once. They let nobody in before the broadcast's visibility is `ticket`.
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state' with field `visibility`, 'conflict' with field `count`
 */
export async function makeTickets(
  rooms: TicketRooms,
  { actor, broadcastId, input }: Asked & { input: z.infer<typeof MakeTickets> },
): Promise<TicketView[]> {
  const { broadcast, channel } = await requireOwnBroadcast(rooms, actor, broadcastId);
  requireTicketShow(broadcast);
  const { length } = await rooms.stores.watchTickets.find(broadcast.id);
  if (length + input.count > MOST_TICKETS) {
    throw new AppError('conflict', {
      blame: 'owner',
      retry: 'after-edit',
      field: 'count',
      message: `A broadcast has at most ${MOST_TICKETS} tickets; there are ${length}.`,
    });
  }
  const nowMs = rooms.clock.now().getTime();
  const made = Array.from({ length: input.count }, (_, at) => ({
    id: rooms.ids.make('tk'),
    broadcastId: broadcast.id,
    label: input.count > 1 && input.label !== '' ? `${input.label} ${at + 1}` : input.label,
    // A millisecond apart, so that those of one call keep their order.
    createdAt: new Date(nowMs + at),
  }));
  await rooms.stores.watchTickets.add(made);
  const { watchUrl } = publicView(broadcast, channel, 0, rooms.addresses);
  return made.map((one) => viewTicket(rooms.signGrant, { ...one, claimedAt: null, revokedAt: null }, watchUrl));
}

/**
 * Takes a ticket back: whoever watches by it is gone within 5 s. Done again it ends what a first try could not reach.
 * @throws AppError 'unauthenticated', 'not-found', 'unavailable' when the grants could not be ended: the ticket is dead all the same
 */
export async function revokeTicket(
  rooms: TicketRooms & Pick<SeatRooms, 'seatBook' | 'seatRoom'>,
  { actor, broadcastId, ticketId }: Asked & { ticketId: string },
): Promise<void> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  const ticket = await rooms.stores.watchTickets.revoke(broadcast.id, ticketId, rooms.clock.now());
  if (!ticket) throw new AppError('not-found', { blame: 'owner', message: 'There is no such ticket.' });
  await rooms.revocations.revoke(broadcast.playbackId, ticket.id);
  await tellSentAway(rooms, broadcast, ticket.id);
  await endSeatsOf(rooms, broadcast.id, ticket.id);
}

function requireTicketShow({ visibility }: BroadcastRecord): void {
  if (visibility === 'ticket') return;
  throw new AppError('wrong-state', {
    blame: 'owner',
    retry: 'after-edit',
    field: 'visibility',
    message: 'This broadcast asks for no tickets. Change who may watch to “ticket” first.',
  });
}

function viewTicket(sign: SignGrant, ticket: WatchTicket, watchUrl: string): TicketView {
  const { id, label, createdAt, claimedAt, revokedAt } = ticket;
  const state = revokedAt ? 'revoked' : claimedAt ? 'used' : 'unused';
  return {
    id,
    label,
    state,
    link: state === 'unused' ? ticketLink(watchUrl, ticketCode(sign, id)) : null,
    createdAt: createdAt.toISOString(),
    usedAt: claimedAt?.toISOString() ?? null,
  };
}
