import type { PublicBroadcast } from '#core/broadcast/public-views';
import type { Me, ReactionKind, ServerToClient } from '#realtime/contract';
import { type ChatLines, NO_LINES } from '../chat/chat-lines.ts';
import type { Outbox } from '../chat/outbox.ts';

export type Connection =
  /** Not asked for yet, or on the way for the first time. */
  | 'connecting'
  | 'joined'
  /** Was joined, is away, comes back by itself. */
  | 'reconnecting'
  /** Will not come by itself: there is no such channel, or this page is too old. */
  | 'refused';

/** Where the chat was interrupted for this page, and what became of it. */
export type Interruption = { afterSeq: number; seconds: number; missed: number | 'unknown' };

export type Ingest = Parameters<ServerToClient['ingest:changed']>[0]['ingest'];

/** All that a page knows by its socket. Replaced as a whole at each change. */
export type ChannelState = {
  connection: Connection;
  /** Why the connection is refused, in words. */
  refusal: string | null;
  me: Me | null;
  /** Undefined until the socket told: the page's first paint stands till then. */
  broadcast: PublicBroadcast | null | undefined;
  audience: number | null;
  reactions: Partial<Record<ReactionKind, number>>;
  chat: ChatLines;
  outbox: Outbox;
  interruption: Interruption | null;
  ingest: Ingest | null;
};

export const FIRST_STATE: ChannelState = {
  connection: 'connecting',
  refusal: null,
  me: null,
  broadcast: undefined,
  audience: null,
  reactions: {},
  chat: NO_LINES,
  outbox: [],
  interruption: null,
  ingest: null,
};
