import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { AppError } from '#core/shared/app-error';
import { openRoom } from './open-room.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

export const IssueHostToken = z.strictObject({
  /** Who publishes. Gets the prefix `host_` unless it has one of `host_`, `guest_`, `prod_`. */
  identity: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$/, 'may hold letters, figures, _ . @ -, at most 100')
    .refine((identity) => !/^(enc|seat|EG)_/.test(identity), 'must not begin with enc_, seat_ or EG_'),
  name: z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters').optional(),
});

/** LiveKit does not revoke tokens, so none lives longer (S-17). */
const LIFE_S = 4 * 3600;

export type HostToken = { livekitUrl: string; token: string; identity: string; roomName: string; expiresAt: string };

/**
 * Lets somebody publish into the broadcast's room with any LiveKit client, also before the start.
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state' once it is over, 'livekit-unavailable'
 */
export async function issueHostToken(
  rooms: Pick<BroadcastRooms, 'stores' | 'mediaRoom' | 'clock'> & { livekitUrl: string },
  { actor, broadcastId, input }: { actor: Actor; broadcastId: string; input: z.infer<typeof IssueHostToken> },
): Promise<HostToken> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  if (broadcast.state === 'ended' || broadcast.state === 'ending') {
    throw new AppError('wrong-state', { blame: 'owner', retry: 'never', message: 'This broadcast is over.' });
  }
  const identity = /^(host|guest|prod)_/.test(input.identity) ? input.identity : `host_${input.identity}`;
  if (await airsAnother(rooms, broadcast.channelId, broadcast.id)) await rooms.mediaRoom.ensure(broadcast.channelId);
  else await openRoom(rooms, broadcast);
  const token = await rooms.mediaRoom.token({
    channelId: broadcast.channelId,
    identity,
    name: input.name ?? input.identity,
    canPublish: true,
    lifeS: LIFE_S,
  });
  const expiresAt = new Date(rooms.clock.now().getTime() + LIFE_S * 1000).toISOString();
  return { livekitUrl: rooms.livekitUrl, token, identity, roomName: broadcast.channelId, expiresAt };
}

/** The room shows one broadcast: while another is on air, its scene must stay. */
export async function airsAnother(
  { stores }: Pick<BroadcastRooms, 'stores'>,
  channelId: string,
  broadcastId: string,
): Promise<boolean> {
  const airing = await stores.broadcasts.find({
    channelId,
    states: ['scheduled', 'backstage', 'live', 'interrupted', 'ending'],
    startRequested: true,
    limit: 2,
  });
  return airing.some((one) => one.id !== broadcastId);
}
