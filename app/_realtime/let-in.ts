import type { Actor } from '#core/account/actor';
import { canManageChannel } from '#core/account/permissions';
import { type LetInRooms, requirePass } from '#core/broadcast/let-in';
import { publicView } from '#core/broadcast/public-view';
import { findBroadcast } from '#core/broadcast/require-broadcast';
import { needsGrant } from '#core/playback/needs-grant';
import type { ChannelCard } from './channel-board.ts';
import { findChannelCard } from './find-channel.ts';

export type ShowAsked = { handle: string; broadcastId: string; pass: string | undefined; actor: Actor };
/** A place in the chat of one broadcast; `viewer` is null for whoever runs the channel. */
export type LetInCard = ChannelCard & { place?: { viewer: string | null; epoch: number } };

type Rooms = Pick<LetInRooms, 'signGrant' | 'clock' | 'revocations' | 'addresses'> & {
  stores: LetInRooms['stores'];
} & Parameters<typeof findChannelCard>[0];

/**
 * The chat of a broadcast that not everyone may watch: a room of its own, so that nothing of it is read on the channel's page.
 * @returns null when the channel has no such broadcast; the channel's own place when everyone may watch it by now
 * @throws AppError 'pass-ended', 'ticket-revoked', 'sent-away', 'unavailable'
 */
export async function letIn(rooms: Rooms, { handle, broadcastId, pass, actor }: ShowAsked): Promise<LetInCard | null> {
  const found = await findBroadcast(rooms, broadcastId);
  if (found?.channel.handle !== handle) return null;
  const { broadcast, channel } = found;
  if (!needsGrant(broadcast.visibility)) return findChannelCard(rooms, handle);
  const viewer = canManageChannel(actor, channel) ? null : await requirePass(rooms, broadcast, pass ?? '');
  return {
    id: broadcast.id,
    channelId: channel.id,
    handle,
    ownerId: channel.ownerId,
    broadcast: publicView(broadcast, channel, 0, rooms.addresses),
    place: { viewer, epoch: broadcast.grantEpoch },
  };
}
