import type { Actor } from '#core/account/actor';
import type { ChatAuthor } from './chat-log.ts';

/** What somebody is in a channel's chat: its owner is the host, admins moderate everywhere. */
export function chatRoleOf(actor: Actor, channelOwnerId: string): ChatAuthor['role'] {
  if (actor.kind === 'anonymous') return 'guest';
  if (actor.userId === channelOwnerId) return 'host';
  return actor.isAdmin ? 'moderator' : 'viewer';
}

/** Whether somebody may see what only the channel's studio is told. */
export function maySeeStudioNews(actor: Actor, channelOwnerId: string): boolean {
  return actor.kind !== 'anonymous' && (actor.isAdmin || actor.userId === channelOwnerId);
}
