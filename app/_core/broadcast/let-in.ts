import { z } from 'zod';
import type { Actor } from '#core/account/actor';
import { canManageChannel, notFound } from '#core/account/permissions';
import type { Channel } from '#core/channel/channel';
import { needsGrant } from '#core/playback/needs-grant';
import { GRANT_RENEW_S, RENEWED_GRANT_LIFE_S, type SignGrant } from '#core/playback/playback-grant';
import type { Revocations } from '#core/playback/revocations';
import { AppError, type AppErrorCode } from '#core/shared/app-error';
import type { PasswordHasher } from '#core/viewer/show-password';
import { PASS_LIFE_S, readPass, signPass } from '#core/viewer/watch-pass';
import { readTicket, type WatchTickets } from '#core/viewer/watch-ticket';
import type { BroadcastRecord } from './broadcast-store.ts';
import { grantedPlayback } from './granted-playback.ts';
import { publicView } from './public-view.ts';
import { PublicBroadcast } from './public-views.ts';
import { findBroadcast } from './require-broadcast.ts';
import type { BroadcastRooms } from './rooms.ts';

const text = (most: number) => z.string().min(1, 'must not be empty').max(most);

/** One of the three: what a person typed, the ticket of a link, or what this browser was given before. */
export const UnlockBroadcast = z
  .strictObject({
    password: text(256)
      .transform((given) => given.trim().normalize('NFC'))
      .optional(),
    /** A ticket's code, or the link that it stands in. */
    ticket: text(1000).optional(),
    /** What only this browser knows, kept there: a ticket is the first browser's that opens it. */
    browser: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16,64}$/, 'must be 16 to 64 letters, figures, - and _')
      .optional(),
    pass: text(300).optional(),
  })
  .refine(
    ({ password, ticket, pass }) => [password, ticket, pass].filter((one) => one !== undefined).length === 1,
    'needs exactly one of password, ticket and pass',
  )
  .refine(({ ticket, browser }) => (ticket === undefined) === (browser === undefined), {
    path: ['browser'],
    error: 'goes with a ticket, and only with one',
  });
export type UnlockBroadcast = z.infer<typeof UnlockBroadcast>;

export const Unlocked = z.object({
  /** To be kept by this browser; null when everyone may watch. */
  pass: z.string().nullable(),
  broadcast: PublicBroadcast,
});
export type Unlocked = z.infer<typeof Unlocked>;

export type LetInRooms = Pick<BroadcastRooms, 'addresses' | 'clock' | 'ids'> & {
  stores: Pick<BroadcastRooms['stores'], 'broadcasts' | 'channels'> & { watchTickets: WatchTickets };
  audience: BroadcastRooms['audience'];
  signGrant: SignGrant;
  passwords: PasswordHasher;
  revocations: Pick<Revocations, 'list'>;
};

/** What asks for what, of the ways in that the product has; the others come by grants of whoever runs the channel. */
export type Lock = 'password' | 'ticket';

/** How a stranger gets in: null when by no way that a page could offer. */
export const lockOf = ({ visibility }: Pick<BroadcastRecord, 'visibility'>): Lock | null =>
  visibility === 'password' || visibility === 'ticket' ? visibility : null;

/** A page's first look at one broadcast. */
export type Watchable =
  | { kind: 'open'; broadcast: PublicBroadcast }
  /** Whoever runs the channel watches without being asked. */
  | { kind: 'own'; broadcast: PublicBroadcast }
  /** Nothing of the show but whose it is and how one gets in. */
  | { kind: 'locked'; lock: Lock; id: string; channel: PublicBroadcast['channel'] };

/** @returns null for one that does not exist, or that this caller is not to know of */
export async function findWatchable(
  rooms: Omit<LetInRooms, 'passwords' | 'revocations' | 'ids'>,
  { actor, broadcastId }: { actor: Actor; broadcastId: string },
): Promise<Watchable | null> {
  const found = await findBroadcast(rooms, broadcastId);
  if (!found) return null;
  const { broadcast, channel } = found;
  if (!needsGrant(broadcast.visibility)) return { kind: 'open', broadcast: await view(rooms, broadcast, channel) };
  if (canManageChannel(actor, channel)) {
    return { kind: 'own', broadcast: await grantedView(rooms, broadcast, channel, channel.id) };
  }
  const lock = lockOf(broadcast);
  const { id, handle, name } = channel;
  return lock && { kind: 'locked', lock, id: broadcast.id, channel: { id, handle, name } };
}

/**
 * Lets a browser in to a broadcast that asks for a password or a ticket, or again by the pass it was given.
 * @throws AppError 'not-found' · 'wrong-password' · 'ticket-unknown', 'ticket-taken', 'ticket-revoked' · 'pass-ended' · 'sent-away' ·
 *   'unavailable'
 */
export async function unlockBroadcast(
  rooms: LetInRooms,
  { broadcastId, input }: { broadcastId: string; input: UnlockBroadcast },
): Promise<Unlocked> {
  const found = await findBroadcast(rooms, broadcastId);
  if (!found) throw notFound('broadcast');
  const { broadcast, channel } = found;
  if (!needsGrant(broadcast.visibility)) return { pass: null, broadcast: await view(rooms, broadcast, channel) };
  if (!lockOf(broadcast)) throw notFound('broadcast');
  const viewer = await viewerOf(rooms, broadcast, input);
  const expiresAtS = nowS(rooms) + PASS_LIFE_S;
  const pass = signPass(rooms.signGrant, { broadcastId, epoch: broadcast.grantEpoch, viewer, expiresAtS });
  return { pass, broadcast: await grantedView(rooms, broadcast, channel, viewer) };
}

async function viewerOf(rooms: LetInRooms, broadcast: BroadcastRecord, input: UnlockBroadcast): Promise<string> {
  if (input.pass !== undefined) return requirePass(rooms, broadcast, input.pass);
  if (input.password !== undefined) {
    const { visibility, passwordHash } = broadcast;
    const right =
      visibility === 'password' &&
      passwordHash !== null &&
      (await rooms.passwords.verify(input.password, passwordHash));
    if (!right) throw refused('wrong-password', 'password');
    return rooms.ids.make('vw');
  }
  const id = readTicket(rooms.signGrant, input.ticket ?? '');
  const ticket = id && (await rooms.stores.watchTickets.get(id));
  if (!ticket || ticket.broadcastId !== broadcast.id || broadcast.visibility !== 'ticket') {
    throw refused('ticket-unknown', 'ticket');
  }
  const claim = await rooms.stores.watchTickets.claim(ticket.id, input.browser ?? '', rooms.clock.now());
  if (claim === 'yours') return ticket.id;
  throw refused(claim === 'unknown' ? 'ticket-unknown' : `ticket-${claim}`, 'ticket');
}

/**
 * Who a pass names, if it still lets in.
 * @throws AppError 'pass-ended', 'ticket-revoked', 'sent-away', 'unavailable'
 */
export async function requirePass(
  rooms: Pick<LetInRooms, 'signGrant' | 'clock' | 'revocations'> & { stores: { watchTickets: WatchTickets } },
  broadcast: BroadcastRecord,
  given: string,
): Promise<string> {
  const pass = readPass(rooms.signGrant, given);
  const holds = pass && pass.broadcastId === broadcast.id && pass.epoch === broadcast.grantEpoch;
  if (!holds || pass.expiresAtS <= nowS(rooms)) throw refused('pass-ended');
  if (broadcast.visibility === 'ticket') {
    const ticket = await rooms.stores.watchTickets.get(pass.viewer);
    if (!ticket || ticket.revokedAt) throw refused('ticket-revoked');
  }
  if ((await rooms.revocations.list(broadcast.playbackId)).has(pass.viewer)) throw refused('sent-away');
  return pass.viewer;
}

const SENTENCES = {
  'wrong-password': 'This password is not right.',
  'ticket-unknown': 'This is no ticket for this broadcast.',
  'ticket-taken':
    'Another browser has opened this ticket first, and it works there alone. Ask the host for one of your own.',
  'ticket-revoked': 'The host has taken this ticket back.',
  'pass-ended': 'What let you in before holds no longer: the host has changed it.',
  'sent-away': 'The host has sent you away from this broadcast.',
} satisfies Partial<Record<AppErrorCode, string>>;

function refused(code: keyof typeof SENTENCES, field?: string): AppError {
  const retry = code === 'wrong-password' || code === 'ticket-unknown' ? 'after-edit' : 'never';
  return new AppError(code, { blame: 'viewer', retry, message: SENTENCES[code], ...(field ? { field } : {}) });
}

const nowS = ({ clock }: Pick<LetInRooms, 'clock'>): number => Math.floor(clock.now().getTime() / 1000);

async function view(
  { audience, addresses }: Pick<LetInRooms, 'audience' | 'addresses'>,
  broadcast: BroadcastRecord,
  channel: Channel,
): Promise<PublicBroadcast> {
  const counted = broadcast.state === 'ended' ? 0 : await audience.count(broadcast.playbackId).catch(() => 0);
  return publicView(broadcast, channel, counted, addresses);
}

async function grantedView(
  rooms: Pick<LetInRooms, 'audience' | 'addresses' | 'clock' | 'signGrant'>,
  broadcast: BroadcastRecord,
  channel: Channel,
  viewer: string,
): Promise<PublicBroadcast> {
  const now = nowS(rooms);
  const life = { expiresAtS: now + RENEWED_GRANT_LIFE_S, renewUntilS: now + GRANT_RENEW_S, viewer };
  return { ...(await view(rooms, broadcast, channel)), playback: grantedPlayback(rooms, broadcast, life) };
}
