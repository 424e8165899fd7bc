import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '#core/account/actor';
import { ANONYMOUS } from '#core/account/actor';
import type { ChatAuthor } from '#core/chat/chat-log';
import { chatRoleOf } from '#core/chat/chat-role';
import { cleanText } from '#core/chat/clean-text';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import type { Handshake, Me } from './contract.ts';
import { makeGuestName } from './guest-name.ts';
import type { GuestTokens } from './guest-token.ts';

/** Somebody on one socket. A guest's name may change, the rest stays. */
export type Session = {
  readonly id: string;
  readonly actor: Actor;
  name: string;
  /** Null for those signed in. */
  guestToken: string | null;
};

export type SessionParts = {
  /** Who a request's cookie or key belongs to; anonymous when to nobody. */
  actorFromHeaders(headers: Headers): Promise<Actor>;
  tokens: GuestTokens;
  clock: Clock;
  ids: Ids;
};

/**
 * Finds out who has connected. A cookie counts only when the browser said which page sent it: a request without an
 * origin comes from no page of ours, and is a guest whatever it carries.
 */
export async function openSession(
  parts: SessionParts,
  handshake: Handshake,
  headers: IncomingHttpHeaders,
): Promise<Session> {
  const actor = await actorOf(parts, headers);
  if (actor.kind !== 'anonymous') {
    const name = actor.kind === 'user' ? cleanText(actor.name).slice(0, 64) : 'Openair';
    return { id: actor.userId, actor, name: name || 'Someone', guestToken: null };
  }
  const nowMs = parts.clock.now().getTime();
  const known = handshake.guestToken === undefined ? null : parts.tokens.read(handshake.guestToken, nowMs);
  const id = known?.id ?? parts.ids.make('gst');
  const name = known?.name ?? makeGuestName(id);
  return { id, actor: ANONYMOUS, name, guestToken: parts.tokens.sign({ id, name }, nowMs) };
}

/** Gives a guest another name. False when nothing readable is left of it, or the person is signed in. */
export function renameGuest(parts: Pick<SessionParts, 'tokens' | 'clock'>, session: Session, wish: string): boolean {
  const name = cleanText(wish).replace(/ {2,}/g, ' ');
  if (name === '' || session.guestToken === null) return false;
  session.name = name;
  session.guestToken = parts.tokens.sign({ id: session.id, name }, parts.clock.now().getTime());
  return true;
}

export function meIn(session: Session, channelOwnerId: string): Me {
  return { ...authorIn(session, channelOwnerId), guestToken: session.guestToken };
}

export function authorIn(session: Session, channelOwnerId: string): ChatAuthor {
  return { id: session.id, name: session.name, role: chatRoleOf(session.actor, channelOwnerId) };
}

async function actorOf(parts: SessionParts, headers: IncomingHttpHeaders): Promise<Actor> {
  const carried = new Headers();
  if (headers.cookie && headers.origin) carried.set('cookie', headers.cookie);
  if (headers.authorization) carried.set('authorization', headers.authorization);
  if (![...carried.keys()].length) return ANONYMOUS;
  return parts.actorFromHeaders(carried);
}
