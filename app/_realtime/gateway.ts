import type { Server as HttpServer } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import { ChannelBoard } from './channel-board.ts';
import { ChatDesk } from './chat.ts';
import { Connection } from './connection.ts';
import { Handshake } from './contract.ts';
import type { Desks, GatewayParts, OpenairServer } from './desks.ts';
import { RealtimeMetrics } from './metrics.ts';
import { announceNews } from './news-desk.ts';
import { isAllowedOrigin } from './origin.ts';
import { AUDIENCE_EVERY_MS, AudienceDesk } from './presence.ts';
import { ReactionDesk } from './reactions.ts';
import { channelRoom } from './rooms.ts';
import { openSession } from './session.ts';
import { shareReads } from './share-reads.ts';
import { closeSlowReaders } from './slow-readers.ts';

const HEAD_EVERY_MS = 20_000;
const SWEEP_EVERY_MS = 1000;

/**
 * Attaches the gateway to a http server.
 * @returns its metrics and `close`, which sends what waits, closes every socket and the http server
 */
export async function openGateway(
  http: HttpServer,
  parts: GatewayParts,
): Promise<{ io: OpenairServer; metrics: RealtimeMetrics; close(): Promise<void> }> {
  const io: OpenairServer = new Server(http, {
    ...socketOptions(parts),
    ...(parts.adapter && { adapter: parts.adapter }),
  });
  const desks = openDesks(io, parts);
  const { metrics } = desks;
  io.engine.on('connection_error', (refusal: { code: number }) => {
    if (refusal.code === FORBIDDEN) metrics.refusedOrigins.inc();
  });
  io.use((socket, next) => {
    const handshake = Handshake.safeParse(socket.handshake.auth);
    if (!handshake.success) return next(new Error('bad-request'));
    openSession(parts, handshake.data, socket.handshake.headers).then(
      (session) => {
        socket.data.session = session;
        next();
      },
      (error: unknown) => {
        parts.log.error({ err: error }, 'a session could not be opened');
        next(new Error('unavailable'));
      },
    );
  });
  io.on('connection', (socket) => {
    metrics.connections.inc();
    // Socket.IO keeps each socket's first request for its whole life: 10 kB that nobody reads again.
    Object.assign(socket.conn, { request: null });
    new Connection(socket, desks).open(() => metrics.connections.dec());
  });
  // The wire waits for a Redis that is away; sockets need not.
  const stopNews = announceNews(io, desks).catch((error: unknown) => {
    parts.log.error({ err: error }, 'news cannot be heard');
    return async () => {};
  });
  const timers = [
    setInterval(() => void desks.audience.round(), AUDIENCE_EVERY_MS),
    setInterval(() => void beat(io, desks), HEAD_EVERY_MS),
    setInterval(() => closeSlowReaders(io, () => metrics.slowReaders.inc()), SWEEP_EVERY_MS),
  ];
  return {
    io,
    metrics,
    async close() {
      for (const timer of timers) clearInterval(timer);
      desks.chat.flush();
      desks.reactions.flush();
      void stopNews.then((stop) => stop());
      await io.close();
    },
  };
}

/** engine.io's code for a request that `allowRequest` refused. */
const FORBIDDEN = 4;

function socketOptions(parts: GatewayParts): Partial<ServerOptions> {
  return {
    path: '/socket.io/',
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: 64 * 1024,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    connectTimeout: 10_000,
    allowRequest: (request, decide) => {
      const isAllowed = isAllowedOrigin(request.headers.origin, parts.ownOrigin);
      decide(isAllowed ? null : 'this page may not connect', isAllowed);
    },
  };
}

function openDesks(io: OpenairServer, parts: GatewayParts): Desks {
  const { chatLog, allowance, tally, clock, ids, log } = parts;
  const metrics = new RealtimeMetrics();
  const board = new ChannelBoard();
  const onError = (what: string, error: unknown) => log.error({ err: error, what }, 'realtime could not do this');
  return {
    parts,
    board,
    metrics,
    findChannel: shareReads((handle) => parts.findChannel(handle)),
    chat: new ChatDesk({
      chatLog,
      allowance,
      clock,
      ids,
      onError,
      onBatch(channelId, messages) {
        metrics.batches.inc();
        metrics.messages.inc(messages.length);
        io.to(channelRoom(channelId)).emit('chat:batch', { messages });
      },
    }),
    reactions: new ReactionDesk({
      tally,
      allowance,
      onError,
      onBurst: (channelId, counts) => io.to(channelRoom(channelId)).volatile.emit('reaction:burst', { counts }),
    }),
    audience: new AudienceDesk({
      board,
      count: (playbackId) => parts.audience.count(playbackId),
      onError,
      onCount: (channelId, audience) => io.local.to(channelRoom(channelId)).emit('audience:count', { audience }),
    }),
  };
}

/** The heartbeat: lets a page see that it missed the last message. */
async function beat(io: OpenairServer, { board, chat, metrics }: Desks): Promise<void> {
  const channels = board.all();
  metrics.channels.set(channels.length);
  await Promise.all(
    channels.map(async ({ id }) => {
      const seq = await chat.head(id);
      if (seq !== null) io.local.to(channelRoom(id)).emit('chat:head', { seq });
    }),
  );
}
