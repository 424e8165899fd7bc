import type { z } from 'zod';
import type { ChatAuthor, ChatLog } from '#core/chat/chat-log';
import type { PostAllowance } from '#core/chat/post-allowance';
import { postMessage } from '#core/chat/post-message';
import type { Clock } from '#core/shared/clock';
import type { Ids } from '#core/shared/ids';
import { Batcher, realTimers, type Timers } from './batcher.ts';
import type { ChatMessage, ChatPost, Refusal } from './contract.ts';
import { refusalOf, refuse, UNAVAILABLE } from './refusal.ts';
import { shareReads } from './share-reads.ts';

/** One frame a room in this time; adds half of it to a message on average. */
export const BATCH_MS = 50;
/** After this a person is told "not sent"; the message may still arrive, and a retry finds it. */
export const POST_DEADLINE_MS = 5000;
export const HISTORY_ON_JOIN = 50;
/** Further behind than this, a page starts anew. */
export const MAX_CATCH_UP = 200;

export type ChatDeskParts = {
  chatLog: ChatLog;
  allowance: PostAllowance;
  clock: Clock;
  ids: Ids;
  /** Sends one batch, sorted by seq, to everyone in the channel on every instance. */
  onBatch: (channelId: string, messages: ChatMessage[]) => void;
  /** Told what a person is only told as "try again". */
  onError: (what: string, error: unknown) => void;
  timers?: Timers;
};

export type JoinHistory = { messages: ChatMessage[]; recovered: boolean; headSeq: number };

/** Chat without the socket: posts, history and gap repair. Persist, then publish. */
export class ChatDesk {
  readonly #parts: ChatDeskParts;
  readonly #timers: Timers;
  readonly #outgoing: Batcher<ChatMessage>;
  readonly #readLast: (channelId: string) => Promise<ChatMessage[]>;

  constructor(parts: ChatDeskParts) {
    this.#parts = parts;
    this.#timers = parts.timers ?? realTimers;
    this.#outgoing = new Batcher(
      BATCH_MS,
      (channelId, messages) =>
        parts.onBatch(
          channelId,
          messages.sort((a, b) => a.seq - b.seq),
        ),
      this.#timers,
    );
    this.#readLast = shareReads((channelId) => parts.chatLog.last(channelId, HISTORY_ON_JOIN));
  }

  async post(
    channelId: string,
    author: ChatAuthor,
    { clientId, text, replyTo }: z.infer<typeof ChatPost>,
  ): Promise<{ ok: true; seq: number } | Refusal> {
    // The line is published when it is stored, also when that was too late for the acknowledgement.
    const stored = postMessage(this.#parts, { channelId, author, clientId, text, replyTo: replyTo ?? null }).then(
      (answer) => {
        if (answer.isNew) this.#outgoing.add(channelId, answer.message);
        return answer;
      },
    );
    const settled = stored.then(
      ({ message }) => ({ ok: true as const, seq: message.seq }),
      (error: unknown) => this.#refused('chat:post', error),
    );
    return this.#within(settled);
  }

  /** History of a page that joins: what it missed since `lastSeq`, or the newest lines when that is too much. */
  async join(channelId: string, lastSeq = 0): Promise<JoinHistory> {
    const newest = await this.#readLast(channelId);
    const headSeq = newest.at(-1)?.seq ?? 0;
    const behind = headSeq - lastSeq;
    if (lastSeq === 0 || behind < 0 || behind > MAX_CATCH_UP) return { messages: newest, recovered: false, headSeq };
    const messages =
      behind <= newest.length
        ? newest.filter((message) => message.seq > lastSeq)
        : await this.#parts.chatLog.range(channelId, lastSeq + 1, headSeq);
    return { messages, recovered: true, headSeq };
  }

  async history(
    channelId: string,
    fromSeq: number,
    toSeq: number,
  ): Promise<{ ok: true; messages: ChatMessage[] } | Refusal> {
    if (toSeq < fromSeq) return refuse('bad-request', 'toSeq is before fromSeq.', { field: 'toSeq' });
    if (toSeq - fromSeq >= MAX_CATCH_UP) {
      return refuse('bad-request', `Ask for at most ${MAX_CATCH_UP} messages at a time.`, { field: 'toSeq' });
    }
    try {
      return { ok: true, messages: await this.#parts.chatLog.range(channelId, fromSeq, toSeq) };
    } catch (error) {
      return this.#refused('chat:history', error);
    }
  }

  /** The newest place, for the heartbeat; null while the store is away. */
  async head(channelId: string): Promise<number | null> {
    try {
      return await this.#parts.chatLog.head(channelId);
    } catch (error) {
      this.#refused('chat:head', error);
      return null;
    }
  }

  /** Sends what still waits for its batch. */
  flush(): void {
    this.#outgoing.flushAll();
  }

  #refused(what: string, error: unknown): Refusal {
    const refusal = refusalOf(error);
    if (refusal.reason === 'unavailable') this.#parts.onError(what, error);
    return refusal;
  }

  #within<Answer>(settled: Promise<Answer>): Promise<Answer | Refusal> {
    return new Promise((resolve) => {
      this.#timers.after(POST_DEADLINE_MS, () => resolve(refuse('unavailable', UNAVAILABLE, { retryAfterMs: 3000 })));
      void settled.then(resolve);
    });
  }
}
