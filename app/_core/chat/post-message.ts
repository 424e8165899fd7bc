import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import type { ChatAuthor, ChatLog, StoredChatMessage } from './chat-log.ts';
import { cleanText, countCodePoints, MAX_CODE_POINTS } from './clean-text.ts';
import type { PostAllowance } from './post-allowance.ts';

export type PostMessageParts = { chatLog: ChatLog; allowance: PostAllowance; clock: Clock; ids: Ids };
export type PostMessageWish = {
  channelId: string;
  author: ChatAuthor;
  clientId: string;
  text: string;
  replyTo: number | null;
};

/** A refusal for posting too fast, with the wait in it. */
export class TooFastError extends AppError {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super('rate-limited', {
      blame: 'viewer',
      retry: 'with-back-off',
      message: `You are writing too fast. Wait ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s and send it again.`,
    });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Says one line in a channel's chat.
 * @returns the stored line with its place, and whether it is new; a repeat of the same clientId gives the same place
 * @throws AppError 'bad-request' (field `text` or `replyTo`), TooFastError, or what the log throws when it is away
 */
export async function postMessage(
  parts: PostMessageParts,
  wish: PostMessageWish,
): Promise<{ message: StoredChatMessage; isNew: boolean }> {
  const text = cleanText(wish.text);
  if (text === '') {
    throw badField('text', 'There is nothing to send in this message.');
  }
  if (countCodePoints(text) > MAX_CODE_POINTS) {
    throw badField('text', `A message has at most ${MAX_CODE_POINTS} characters.`);
  }
  const isTrusted = wish.author.role === 'moderator' || wish.author.role === 'host';
  const waitMs = await parts.allowance.take(isTrusted ? 'chat-moderator' : 'chat', wish.author.id);
  if (waitMs > 0) throw new TooFastError(waitMs);
  if (wish.replyTo !== null && wish.replyTo > (await parts.chatLog.head(wish.channelId))) {
    throw badField('replyTo', 'The message you answer does not exist.');
  }
  return parts.chatLog.append({
    id: parts.ids.make('msg'),
    channelId: wish.channelId,
    clientId: wish.clientId,
    author: wish.author,
    text,
    replyTo: wish.replyTo,
    atMs: parts.clock.now().getTime(),
  });
}

function badField(field: string, message: string): AppError {
  return new AppError('bad-request', { blame: 'viewer', retry: 'after-edit', field, message });
}
