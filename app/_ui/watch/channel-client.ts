import type { Socket } from 'socket.io-client';
import type {
  ChannelJoined,
  ChatMessage,
  ClientToServer,
  ReactionKind,
  Refusal,
  ServerToClient,
} from '#realtime/contract';
import { gapOf, noteHead, restartLines, takeMessages } from '../chat/chat-lines.ts';
import { addPending, dropPending, markFailed, markSending, settleArrived } from '../chat/outbox.ts';
import { type ChannelState, FIRST_STATE, type Interruption } from './channel-state.ts';
import { retryDelayMs } from './retry-delay.ts';

export type ChannelSocket = Pick<
  Socket<ServerToClient, ClientToServer>,
  'on' | 'emit' | 'timeout' | 'connect' | 'disconnect'
> & {
  connected: boolean;
  active: boolean;
};

export type ChannelClientParts = {
  handle: string;
  /** The broadcast whose chat it is, with what lets in there, where it is not the channel's. */
  show?: (() => { id: string; pass: string | null }) | undefined;
  socket: ChannelSocket;
  nowMs(): number;
  newClientId(): string;
  keepGuestToken(token: string | null): void;
  /** Runs later; returns the undo. */
  after(ms: number, run: () => void): () => void;
};

const ACK_MS = 6000;
/** Batches of several instances cross: a hole this young is not a loss yet. */
const GAP_PATIENCE_MS = 150;
const MAX_SEND_TRIES = 4;
/** Refusals of a join that no waiting mends. */
const FINAL: Refusal['reason'][] = ['not-found', 'not-allowed'];

/** One page in one channel: joins, follows, repairs gaps, sends with retries. Knows no React and opens no socket. */
export class ChannelClient {
  readonly #parts: ChannelClientParts;
  readonly #listeners = new Set<() => void>();
  readonly #burstListeners = new Set<(counts: Partial<Record<ReactionKind, number>>) => void>();
  #state: ChannelState = FIRST_STATE;
  #cancels = new Set<() => void>();
  #awaySinceMs: number | null = null;
  #joinTries = 0;
  #isRepairing = false;
  #isClosed = false;

  constructor(parts: ChannelClientParts) {
    this.#parts = parts;
    const { socket } = parts;
    socket.on('connect', () => void this.#join());
    socket.on('disconnect', (reason) => this.#onAway(reason === 'io server disconnect'));
    socket.on('connect_error', (error) => this.#onConnectError(error));
    socket.on('chat:batch', ({ messages }) => this.#onMessages(messages));
    socket.on('chat:head', ({ seq }) => {
      this.#set({ chat: noteHead(this.#state.chat, seq) });
      this.#repairSoon();
    });
    socket.on('reaction:burst', ({ counts }) => this.#onBurst(counts));
    socket.on('audience:count', ({ audience }) => this.#set({ audience }));
    socket.on('broadcast:changed', ({ broadcast }) => this.#set({ broadcast }));
    socket.on('ingest:changed', ({ ingest }) => this.#set({ ingest }));
  }

  readonly getState = (): ChannelState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly onBurst = (listener: (counts: Partial<Record<ReactionKind, number>>) => void): (() => void) => {
    this.#burstListeners.add(listener);
    return () => this.#burstListeners.delete(listener);
  };

  open(): void {
    this.#parts.socket.connect();
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#cancels) cancel();
    this.#parts.socket.disconnect();
  }

  /** Sends a line. It is pending until it comes back as part of the chat: never shown as said before it was. */
  say(text: string): void {
    const clientId = this.#parts.newClientId();
    this.#set({ outbox: addPending(this.#state.outbox, clientId, text) });
    void this.#send(clientId, text, 1);
  }

  retry(clientId: string): void {
    const line = this.#state.outbox.find((one) => one.clientId === clientId);
    if (!line) return;
    this.#set({ outbox: markSending(this.#state.outbox, clientId) });
    void this.#send(clientId, line.text, 1);
  }

  discard(clientId: string): void {
    this.#set({ outbox: dropPending(this.#state.outbox, clientId) });
  }

  /** @returns the refusal, or null */
  async react(kind: ReactionKind): Promise<Refusal | null> {
    const answer = await this.#ask((socket, ack) => socket.emit('reaction:send', { kind }, ack));
    return answer?.ok === false ? answer : null;
  }

  /** @returns null when the name was taken, else a sentence */
  async rename(name: string, offline: string): Promise<string | null> {
    const answer = await this.#ask<{ ok: true; me: NonNullable<ChannelState['me']> }>((socket, ack) =>
      socket.emit('guest:rename', { name }, ack),
    );
    if (!answer) return offline;
    if (!answer.ok) return answer.message;
    this.#parts.keepGuestToken(answer.me.guestToken);
    this.#set({ me: answer.me });
    return null;
  }

  async #join(): Promise<void> {
    const { handle } = this.#parts;
    const show = this.#parts.show?.();
    const where = show ? { show: show.id, ...(show.pass === null ? {} : { pass: show.pass }) } : {};
    const lastSeq = this.#state.chat.lastSeq;
    const answer = await this.#ask<ChannelJoined>((socket, ack) =>
      socket.emit('channel:join', { handle, lastSeq, ...where }, ack),
    );
    if (this.#isClosed) return;
    if (!answer || (!answer.ok && !FINAL.includes(answer.reason))) {
      this.#joinTries += 1;
      this.#later(answer?.retryAfterMs ?? retryDelayMs(this.#joinTries), () => {
        if (this.#parts.socket.connected) void this.#join();
      });
      return;
    }
    this.#joinTries = 0;
    if (!answer.ok) {
      this.#set({ connection: 'refused', refusal: answer.message });
      this.#parts.socket.disconnect();
      return;
    }
    this.#onJoined(answer, lastSeq);
  }

  #onJoined(answer: ChannelJoined, lastSeq: number): void {
    const { me, messages, headSeq, recovered, broadcast, audience, reactions } = answer;
    this.#parts.keepGuestToken(me.guestToken);
    const before = this.#state.chat;
    const chat = recovered
      ? noteHead(takeMessages(before, messages), headSeq)
      : restartLines(before, messages, headSeq);
    const interruption = this.#interruptionOf(lastSeq, headSeq, recovered);
    this.#awaySinceMs = null;
    const outbox = settleArrived(this.#state.outbox, me.id, messages);
    this.#set({ connection: 'joined', refusal: null, me, broadcast, audience, reactions, chat, interruption, outbox });
    this.#repairSoon();
    for (const line of outbox) if (line.state === 'sending') void this.#send(line.clientId, line.text, 1);
  }

  /** A short absence in which nothing was said is not worth a line. */
  #interruptionOf(lastSeq: number, headSeq: number, recovered: boolean): Interruption | null {
    if (this.#awaySinceMs === null) return this.#state.interruption;
    const seconds = Math.max(1, Math.round((this.#parts.nowMs() - this.#awaySinceMs) / 1000));
    const missed = recovered || lastSeq === headSeq ? headSeq - lastSeq : 'unknown';
    if (missed === 0) return this.#state.interruption;
    return { afterSeq: recovered ? lastSeq : 0, seconds, missed };
  }

  #onMessages(messages: readonly ChatMessage[]): void {
    const { me } = this.#state;
    const outbox = me ? settleArrived(this.#state.outbox, me.id, messages) : this.#state.outbox;
    this.#set({ chat: takeMessages(this.#state.chat, messages), outbox });
    this.#repairSoon();
  }

  #onBurst(counts: Partial<Record<ReactionKind, number>>): void {
    const reactions = { ...this.#state.reactions };
    for (const kind of Object.keys(counts) as ReactionKind[]) {
      reactions[kind] = (reactions[kind] ?? 0) + (counts[kind] ?? 0);
    }
    this.#set({ reactions });
    for (const listener of this.#burstListeners) listener(counts);
  }

  #onAway(needsConnect: boolean): void {
    if (this.#isClosed || this.#state.connection === 'refused') return;
    if (this.#state.me) this.#awaySinceMs ??= this.#parts.nowMs();
    this.#set({ connection: 'reconnecting' });
    if (needsConnect) this.#later(retryDelayMs(1), () => this.#parts.socket.connect());
  }

  #onConnectError(error: Error): void {
    if (error.message === 'bad-request') {
      this.#set({ connection: 'refused', refusal: null });
      return;
    }
    this.#onAway(false);
    // A refusal by our own gateway ends the library's tries; ours go on.
    if (this.#parts.socket.active) return;
    this.#joinTries += 1;
    this.#later(retryDelayMs(this.#joinTries), () => this.#parts.socket.connect());
  }

  #repairSoon(): void {
    if (this.#isRepairing || gapOf(this.#state.chat) === null) return;
    this.#isRepairing = true;
    this.#later(GAP_PATIENCE_MS, () => void this.#repair());
  }

  async #repair(): Promise<void> {
    const gap = gapOf(this.#state.chat);
    const answer = gap
      ? await this.#ask<{ ok: true; messages: ChatMessage[] }>((socket, ack) => socket.emit('chat:history', gap, ack))
      : null;
    this.#isRepairing = false;
    if (!gap || this.#isClosed) return;
    if (answer?.ok && answer.messages.length > 0) this.#onMessages(answer.messages);
    else if (this.#parts.socket.connected) this.#later(2000, () => this.#repairSoon());
  }

  async #send(clientId: string, text: string, attempt: number): Promise<void> {
    // Away: the join that brings us back sends it.
    if (this.#state.connection !== 'joined') return;
    const answer = await this.#ask<{ ok: true; seq: number }>((socket, ack) =>
      socket.emit('chat:post', { clientId, text }, ack),
    );
    const line = this.#state.outbox.find((one) => one.clientId === clientId);
    if (!line || this.#isClosed) return;
    if (answer?.ok) {
      this.#set({ chat: noteHead(this.#state.chat, answer.seq) });
      this.#repairSoon();
      return;
    }
    const mayHelp = answer === null || answer.reason === 'unavailable';
    if (mayHelp && attempt < MAX_SEND_TRIES) {
      this.#later(answer?.retryAfterMs ?? retryDelayMs(attempt), () => void this.#send(clientId, text, attempt + 1));
      return;
    }
    const mayRetry = answer === null || answer.reason !== 'bad-request';
    this.#set({ outbox: markFailed(this.#state.outbox, clientId, answer?.message ?? '', mayRetry) });
  }

  /** Asks with a time limit; null when no answer came. */
  #ask<Answer extends { ok: true }>(
    emit: (
      socket: ReturnType<ChannelSocket['timeout']>,
      ack: (error: Error | null, answer: Answer | Refusal) => void,
    ) => void,
  ): Promise<Answer | Refusal | null> {
    if (!this.#parts.socket.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      emit(this.#parts.socket.timeout(ACK_MS), (error, answer) => resolve(error ? null : answer));
    });
  }

  #later(ms: number, run: () => void): void {
    const cancel = this.#parts.after(ms, () => {
      this.#cancels.delete(cancel);
      if (!this.#isClosed) run();
    });
    this.#cancels.add(cancel);
  }

  #set(change: Partial<ChannelState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
