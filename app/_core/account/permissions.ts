import type { Broadcast } from '#core/broadcast/broadcast';
import type { Channel } from '#core/channel/channel';
import { AppError } from '#core/shared/app-error';
import type { Actor } from './actor.ts';

/** Who asks, when it is somebody. @throws AppError 'unauthenticated' */
export function requireSignedIn(actor: Actor): Exclude<Actor, { kind: 'anonymous' }> {
  if (actor.kind !== 'anonymous') return actor;
  throw new AppError('unauthenticated', {
    blame: 'viewer',
    retry: 'after-edit',
    message: 'Sign in, or send an API key as “Authorization: Bearer …”.',
  });
}

/** True for the channel's owner and for admins: going on air, keys, destinations. */
export function canManageChannel(actor: Actor, channel: Pick<Channel, 'ownerId'>): boolean {
  return actor.kind !== 'anonymous' && (actor.isAdmin || actor.userId === channel.ownerId);
}

/** True for whoever may watch. Followers, members and ticket holders are let in by a playback grant, not here. */
export function canWatchBroadcast(
  actor: Actor,
  broadcast: Pick<Broadcast, 'visibility'>,
  channel: Pick<Channel, 'ownerId'>,
): boolean {
  return broadcast.visibility === 'public' || broadcast.visibility === 'unlisted' || canManageChannel(actor, channel);
}

/** Foreign and unknown look the same from outside, so that ids cannot be probed. */
export function notFound(what: 'channel' | 'broadcast' | 'destination' | 'recording'): AppError {
  return new AppError('not-found', { blame: 'viewer', retry: 'never', message: `There is no such ${what}.` });
}
