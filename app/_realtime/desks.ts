import type { Logger } from 'pino';
import type { Server, ServerOptions } from 'socket.io';
import type { NewsWire } from '#core/broadcast/news';
import type { ChatLog } from '#core/chat/chat-log';
import type { PostAllowance } from '#core/chat/post-allowance';
import type { ReactionTally } from '#core/chat/reaction-tally';
import type { Audience } from '#core/viewer/audience';
import type { ChannelBoard, ChannelCard } from './channel-board.ts';
import type { ChatDesk } from './chat.ts';
import type { ClientToServer, ServerToClient } from './contract.ts';
import type { LetInCard, ShowAsked } from './let-in.ts';
import type { RealtimeMetrics } from './metrics.ts';
import type { AudienceDesk } from './presence.ts';
import type { ReactionDesk } from './reactions.ts';
import type { Session, SessionParts } from './session.ts';

export type GatewayParts = SessionParts & {
  /** Origin of our pages; only they, and programs without one, may connect. */
  ownOrigin: string;
  chatLog: ChatLog;
  allowance: PostAllowance;
  tally: ReactionTally;
  audience: Pick<Audience, 'count'>;
  news: Pick<NewsWire, 'subscribe'>;
  findChannel(handle: string): Promise<ChannelCard | null>;
  /** A place in the chat of a broadcast that not everyone may watch. Throws AppError when somebody may not. */
  letIn(asked: ShowAsked): Promise<LetInCard | null>;
  log: Logger;
  /** Joins several instances; absent in a single process. */
  adapter?: ServerOptions['adapter'];
};

/** @param place as whom they were let in, where not everyone is */
export type SocketData = { session: Session; place?: LetInCard['place'] };
export type OpenairServer = Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** What a connection reaches besides its socket. */
export type Desks = {
  parts: GatewayParts;
  board: ChannelBoard;
  chat: ChatDesk;
  reactions: ReactionDesk;
  audience: AudienceDesk;
  metrics: RealtimeMetrics;
  findChannel: (handle: string) => Promise<ChannelCard | null>;
};
