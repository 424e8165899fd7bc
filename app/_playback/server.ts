import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isAppError } from '#core/shared/app-error';
import type { Metrics } from './metrics.ts';
import { send, sendError, sendJson, sendOptions } from './respond.ts';
import { knownRouteOf, type Route, type RouteError } from './route-of.ts';
import { type ShowServices, serveShow } from './serve-show.ts';

export type ServerParts = ShowServices & { metrics: Metrics; log: Logger };

/** A client that takes nothing for this long is cut off; longer than any wait of ours. */
const IDLE_SOCKET_MS = 30_000;
/** Longer than the edge keeps its connections, so that it never writes into one that is closing. */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_MS = 10_000;
/** Status in our figures for a client that went away before its answer; no such answer is ever sent. */
const GONE = 499;

function allowed(route: Route, method: string | undefined): boolean {
  if (route.kind === 'beat' || route.kind === 'renew') return method === 'POST';
  return method === 'GET' || method === 'HEAD';
}

async function answer(
  parts: ServerParts,
  route: Route | RouteError,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (route.kind === 'error') {
    return sendError(request, response, route.status, route.code, 'There is nothing at this address.');
  }
  if (request.method === 'OPTIONS') return sendOptions(request, response);
  if (!allowed(route, request.method)) {
    return sendError(request, response, 405, 'bad-request', 'This address does not take that method.');
  }
  if (route.kind === 'health') return sendJson(request, response, { ok: true }, 'no-store');
  if (route.kind === 'metrics') {
    const { registry } = parts.metrics;
    const headers = { 'content-type': registry.contentType, 'cache-control': 'no-store' };
    return send(request, response, 200, headers, Buffer.from(await registry.metrics()));
  }
  return serveShow(parts, route, request, response);
}

function answerFailure(
  parts: ServerParts,
  route: Route | RouteError,
  error: unknown,
  exchange: [IncomingMessage, ServerResponse],
) {
  const [request, response] = exchange;
  // The address is not logged: it may carry a grant.
  const playbackId = 'playbackId' in route ? route.playbackId : undefined;
  parts.log.warn({ err: error, route: route.kind, playbackId }, 'request failed');
  if (isAppError(error)) {
    return sendError(request, response, 503, error.code, 'The media is out of reach at the moment.', 2);
  }
  sendError(request, response, 500, 'internal', 'Something went wrong here.');
}

/** The origin's HTTP server; it listens nowhere yet. */
export function createPlaybackServer(parts: ServerParts): Server {
  const { traffic } = parts.metrics;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS }, (request, response) => {
    const route = knownRouteOf(request.url ?? '/');
    traffic.asked();
    response.once('close', () => traffic.answered(route.kind, response.headersSent ? response.statusCode : GONE));
    answer(parts, route, request, response).catch((error) => answerFailure(parts, route, error, [request, response]));
  });
  traffic.watch(server);
  server.setTimeout(IDLE_SOCKET_MS);
  return server;
}
