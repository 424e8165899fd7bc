import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { needsGrant } from '#core/playback/needs-grant';
import { GRANT_RENEW_S, RENEWED_GRANT_LIFE_S, type SignGrant, siteMark } from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import { AppError } from '#core/shared/app-error';
import { endSeatsOf, type SeatRooms } from '#core/viewer/take-seat';
import { tellSentAway } from './change-broadcast.ts';
import { grantedPlayback } from './granted-playback.ts';
import { requireOwnBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

const DAY_S = 86_400;
const Viewer = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'may hold letters, figures, - and _, at most 64');

export const IssuePlaybackGrant = z.strictObject({
  /** Who watches, as the caller names them: by this name they are sent away. No personal data: it stands in addresses. */
  viewer: Viewer,
  /** Seconds until the player must have renewed it. */
  lifeS: z.int().min(30, 'must be at least 30').max(DAY_S, 'must be at most a day').default(RENEWED_GRANT_LIFE_S),
  /** Seconds for which the player may renew it; 0 = never. */
  renewS: z.int().min(0).max(DAY_S, 'must be at most a day').default(GRANT_RENEW_S),
  /** The one host whose pages may play it: `example.org`. */
  site: z
    .string()
    .toLowerCase()
    .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a host name without scheme and port')
    .optional(),
});

export type IssuedGrant = { hls: string; dash: string; expiresAt: string; renewUntil: string | null };

/**
 * Lets one viewer watch a broadcast that not everyone may: for whoever decides that elsewhere, with tickets or members of their own. The
 * player renews the grant by itself; `sendViewerAway` ends it.
 * @throws AppError 'unauthenticated', 'not-found', 'wrong-state' when everyone may watch
 */
export async function issuePlaybackGrant(
  rooms: Pick<BroadcastRooms, 'stores' | 'addresses' | 'clock'> & { signGrant: SignGrant },
  { actor, broadcastId, input }: { actor: Actor; broadcastId: string; input: z.infer<typeof IssuePlaybackGrant> },
): Promise<IssuedGrant> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  if (!needsGrant(broadcast.visibility)) {
    throw new AppError('wrong-state', {
      blame: 'owner',
      retry: 'after-edit',
      field: 'visibility',
      message: 'Everyone may watch this broadcast: it is played without a grant. Change its visibility first.',
    });
  }
  const nowS = Math.floor(rooms.clock.now().getTime() / 1000);
  const [expiresAtS, renewUntilS] = [nowS + input.lifeS, input.renewS === 0 ? 0 : nowS + input.renewS];
  const site = input.site === undefined ? null : siteMark(rooms.signGrant, input.site);
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    ...grantedPlayback(rooms, broadcast, { expiresAtS, renewUntilS, viewer: input.viewer, site }),
    expiresAt: iso(expiresAtS),
    renewUntil: renewUntilS === 0 ? null : iso(renewUntilS),
  };
}

type RevokeRooms = Pick<BroadcastRooms, 'stores' | 'news' | 'log'> &
  Pick<SeatRooms, 'seatBook' | 'seatRoom'> & { revocations: Pick<Revocations, 'revoke' | 'allow'> };
type OneViewer = { actor: Actor; broadcastId: string; viewer: string };

/**
 * Ends every grant of one viewer: within 5 s at the origins, within 30 s behind a cache; seats at once.
 * @throws AppError 'unauthenticated', 'not-found', 'unavailable'
 */
export async function sendViewerAway(rooms: RevokeRooms, { actor, broadcastId, viewer }: OneViewer): Promise<void> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  const who = requireViewer(viewer);
  await rooms.revocations.revoke(broadcast.playbackId, who);
  await tellSentAway(rooms, broadcast, who);
  await endSeatsOf(rooms, broadcast.id, who);
}

/** Lets them watch again; grants that still last hold again. @throws as `sendViewerAway` */
export async function letViewerBack(rooms: RevokeRooms, { actor, broadcastId, viewer }: OneViewer): Promise<void> {
  const { broadcast } = await requireOwnBroadcast(rooms, actor, broadcastId);
  await rooms.revocations.allow(broadcast.playbackId, requireViewer(viewer));
}

function requireViewer(text: string): string {
  const read = Viewer.safeParse(text);
  if (read.success) return read.data;
  throw new AppError('not-found', { blame: 'owner', retry: 'never', message: 'No grant names such a viewer.' });
}
