import type { Socket } from 'socket.io';
import type { z } from 'zod';
import { maySeeStudioNews } from '#core/chat/chat-role';
import { Budget } from './budget.ts';
import type { OpenChannel } from './channel-board.ts';
import {
  ChannelJoin,
  type ChannelJoined,
  ChatHistory,
  ChatPost,
  type ClientToServer,
  GuestRename,
  ReactionSend,
  type Refusal,
  type ServerToClient,
} from './contract.ts';
import type { Desks, SocketData } from './desks.ts';
import { NOT_JOINED, readRequest, refusalOf, refuse } from './refusal.ts';
import { channelRoom, studioRoom } from './rooms.ts';
import { authorIn, meIn, renameGuest } from './session.ts';

type OpenairSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;
type Ack<Answer> = (answer: Answer | Refusal) => void;

/** Joins and history reads: a page needs a handful, a repair one a second. */
const READS_AT_ONCE = 20;
const READS_PER_SECOND = 2;

/** One socket: reads requests, asks the desks, answers. Knows no rules of its own. */
export class Connection {
  readonly #socket: OpenairSocket;
  readonly #desks: Desks;
  readonly #reads: Budget;
  readonly #openedAtMs: number;
  #channel: OpenChannel | null = null;
  #joining = 0;
  #counts = { posts: 0, reactions: 0, refusals: 0 };

  constructor(socket: OpenairSocket, desks: Desks) {
    this.#socket = socket;
    this.#desks = desks;
    this.#openedAtMs = this.#nowMs();
    this.#reads = new Budget(READS_AT_ONCE, READS_PER_SECOND, this.#openedAtMs);
  }

  /** Listens until the socket closes; its end is one line in the log. */
  open(onClosed: () => void): void {
    const socket = this.#socket;
    socket.on('channel:join', (raw, ack) => this.#answer('channel:join', ChannelJoin, raw, ack, (r) => this.#join(r)));
    socket.on('channel:leave', (ack) => {
      this.#leave();
      if (typeof ack === 'function') ack({ ok: true });
    });
    socket.on('chat:post', (raw, ack) => this.#answer('chat:post', ChatPost, raw, ack, (r) => this.#post(r)));
    socket.on('chat:history', (raw, ack) =>
      this.#answer('chat:history', ChatHistory, raw, ack, (r) => this.#history(r)),
    );
    socket.on('reaction:send', (raw, ack) =>
      this.#answer('reaction:send', ReactionSend, raw, ack, (r) => this.#react(r)),
    );
    socket.on('guest:rename', (raw, ack) =>
      this.#answer('guest:rename', GuestRename, raw, ack, (r) => this.#rename(r)),
    );
    socket.on('disconnect', (reason) => {
      const handle = this.#channel?.handle;
      this.#leave();
      onClosed();
      const seconds = Math.round((this.#nowMs() - this.#openedAtMs) / 1000);
      this.#desks.parts.log.info(
        { who: socket.data.session.id, handle, seconds, ...this.#counts, reason },
        'socket closed',
      );
    });
  }

  async #join({ handle, lastSeq, show, pass }: z.infer<typeof ChannelJoin>): Promise<ChannelJoined | Refusal> {
    const waitMs = this.#reads.take(this.#nowMs());
    if (waitMs > 0) return refuse('rate-limited', 'This page asks too often. Wait a moment.', { retryAfterMs: waitMs });
    this.#leave();
    const turn = ++this.#joining;
    const { findChannel, board, chat, reactions, audience, parts } = this.#desks;
    const { session } = this.#socket.data;
    const { actor } = session;
    const letIn = show ? await parts.letIn({ handle: handle.toLowerCase(), broadcastId: show, pass, actor }) : null;
    const card = show ? letIn : await findChannel(handle.toLowerCase());
    if (!card) return refuse('not-found', 'There is no channel at this address.', { field: 'handle' });
    // Gone, or sent elsewhere, while we looked.
    if (turn !== this.#joining || !this.#socket.connected) return refuse('not-joined', NOT_JOINED);
    this.#channel = board.enter(card);
    this.#socket.data.place = letIn?.place;
    // First the room, then the history: nothing that is said in between is in neither.
    await this.#socket.join(channelRoom(card.id));
    if (maySeeStudioNews(actor, card.ownerId)) await this.#socket.join(studioRoom(card.channelId));
    try {
      const [history, watching, totals] = await Promise.all([
        chat.join(card.id, lastSeq),
        audience.now(card),
        reactions.totals(card.broadcast?.id ?? null),
      ]);
      const me = meIn(session, card.ownerId);
      return { ok: true, me, broadcast: card.broadcast, ...history, audience: watching, reactions: totals };
    } catch (error) {
      if (turn === this.#joining) this.#leave();
      throw error;
    }
  }

  #leave(): void {
    this.#joining += 1;
    const channel = this.#channel;
    if (!channel) return;
    this.#channel = null;
    this.#desks.board.leave(channel.id);
    void this.#socket.leave(channelRoom(channel.id));
    void this.#socket.leave(studioRoom(channel.channelId));
  }

  async #post(request: z.infer<typeof ChatPost>): Promise<{ ok: true; seq: number } | Refusal> {
    const channel = this.#channel;
    if (!channel) return refuse('not-joined', NOT_JOINED);
    this.#counts.posts += 1;
    return this.#desks.chat.post(channel.id, authorIn(this.#socket.data.session, channel.ownerId), request);
  }

  async #history({ fromSeq, toSeq }: z.infer<typeof ChatHistory>) {
    if (!this.#channel) return refuse('not-joined', NOT_JOINED);
    const waitMs = this.#reads.take(this.#nowMs());
    if (waitMs > 0) return refuse('rate-limited', 'This page asks too often. Wait a moment.', { retryAfterMs: waitMs });
    return this.#desks.chat.history(this.#channel.id, fromSeq, toSeq);
  }

  async #react({ kind }: z.infer<typeof ReactionSend>): Promise<{ ok: true } | Refusal> {
    if (!this.#channel) return refuse('not-joined', NOT_JOINED);
    this.#counts.reactions += 1;
    return this.#desks.reactions.send(this.#channel, this.#socket.data.session.id, kind);
  }

  async #rename({ name }: z.infer<typeof GuestRename>) {
    const { session } = this.#socket.data;
    const waitMs = await this.#desks.parts.allowance.take('rename', session.id);
    if (waitMs > 0) {
      return refuse('rate-limited', 'You changed your name a lot. Wait a moment.', {
        field: 'name',
        retryAfterMs: waitMs,
      });
    }
    if (session.guestToken === null) {
      return refuse('bad-request', 'You are signed in; change your name in your account.', { field: 'name' });
    }
    if (!renameGuest(this.#desks.parts, session, name)) {
      return refuse('bad-request', 'A name needs at least one visible character.', { field: 'name' });
    }
    return { ok: true as const, me: meIn(session, this.#channel?.ownerId ?? '') };
  }

  /** Reads, asks, answers, counts. Nothing a page sends, and nothing that is away, throws out of here. */
  async #answer<Schema extends z.ZodType, Answer extends { ok: true }>(
    event: keyof ClientToServer,
    schema: Schema,
    raw: unknown,
    ack: unknown,
    ask: (request: z.output<Schema>) => Promise<Answer | Refusal>,
  ): Promise<void> {
    if (typeof ack !== 'function') return; // a request that wants no answer is none of ours
    const tell = ack as Ack<Answer>;
    const read = readRequest(schema, raw);
    const answer = read.ok ? await ask(read.request).catch((error: unknown) => this.#failed(event, error)) : read;
    if (!answer.ok) this.#counts.refusals += 1;
    this.#desks.metrics.requests.inc({ event, answer: answer.ok ? 'ok' : answer.reason });
    tell(answer);
  }

  #failed(event: string, error: unknown): Refusal {
    this.#desks.parts.log.error({ err: error, what: event }, 'realtime could not answer');
    return refusalOf(error);
  }

  #nowMs(): number {
    return this.#desks.parts.clock.now().getTime();
  }
}
