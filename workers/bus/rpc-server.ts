import type { BusLog, BusWire } from './bus-wire.ts';
import {
  decodeClaimResponse,
  decodeRequest,
  encodeClaimRequest,
  encodeResponse,
  type Request,
  type Response,
} from './envelope.ts';
import { makeBusId } from './ids.ts';
import { RpcError } from './rpc-error.ts';
import { claimRequestChannel, claimResponseChannel, type Method, requestChannel, responseChannel } from './topics.ts';

/** A message as @livekit/protocol makes them: a class that reads, an instance that writes. */
export type Readable<T> = { fromBinary(bytes: Uint8Array): T };
export type Writable = { toBinary(): Uint8Array };

/**
 * Willingness to take a request: 1 wins at once, the highest wins after half a second, 0 never wins. With `afterMs` the offer is
 * made late, and only if no other server was chosen until then.
 */
export type Offer = { affinity: number; afterMs?: number };

export type Call = { requestId: string; clientId: string; expiryMs: number };

export type ServedMethod<Req, Res extends Writable> = Method & {
  request: Readable<Req>;
  /** True for methods that every server answers without claims. */
  direct?: boolean;
  /** Absent: affinity 1. Null: stay silent. */
  offer?(request: Req): Offer | null;
  /** An `RpcError` thrown here reaches the caller with its code; anything else as `internal`. */
  handle(request: Req, call: Call): Promise<Res>;
};

export type RpcServer = {
  readonly serverId: string;
  /** Resolves when requests are heard; the returned function stops hearing them (calls in work are answered still). */
  serve<Req, Res extends Writable>(method: ServedMethod<Req, Res>): Promise<() => Promise<void>>;
};

/** No caller waits longer; an expiry far in the future must not hold memory. */
const MAX_WAIT_MS = 60_000;
/** Requests in work or waiting for the client's choice; past this new ones are dropped and logged. */
const MAX_PENDING = 1_000;

type Pending = {
  /** Set once the client has chosen a server. */
  chosen: string | null;
  wake: (() => void) | null;
};

/** Waits until the client chose or `untilMs` came; returns the chosen server or null. */
function untilChosen(pending: Pending, waitMs: number): Promise<string | null> {
  if (pending.chosen !== null || waitMs <= 0) return Promise.resolve(pending.chosen);
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.min(waitMs, MAX_WAIT_MS));
    function done() {
      clearTimeout(timer);
      pending.wake = null;
      resolve(pending.chosen);
    }
    pending.wake = done;
  });
}

/** The server half of psrpc. Source: psrpc pkg/server/rpc.go. */
export function createRpcServer(wire: BusWire, log: BusLog, now: () => number = Date.now): RpcServer {
  const serverId = makeBusId('SRV_');

  async function respond(method: Method, request: Request, result: Partial<Response>): Promise<void> {
    const response = { requestId: request.requestId, serverId, sentAtMs: now(), error: '', code: '', ...result };
    const bytes = encodeResponse({ payload: new Uint8Array(0), ...response });
    try {
      await wire.publish(responseChannel(method.service, request.clientId), bytes);
    } catch (error) {
      log.warn({ ...method, requestId: request.requestId, err: error }, 'an answer could not be sent');
    }
  }

  /** True when the client chose us. */
  async function claim(method: Method, request: Request, offer: Offer, pending: Pending): Promise<boolean> {
    if (offer.afterMs) {
      const early = await untilChosen(pending, Math.min(offer.afterMs, request.expiryMs - now()));
      if (early !== null || now() >= request.expiryMs) return early === serverId;
    }
    const bytes = encodeClaimRequest({ requestId: request.requestId, serverId, affinity: offer.affinity });
    await wire.publish(claimRequestChannel(method.service, request.clientId), bytes);
    return (await untilChosen(pending, request.expiryMs - now())) === serverId;
  }

  async function answer<Req, Res extends Writable>(
    method: ServedMethod<Req, Res>,
    request: Request,
    pending: Pending,
  ): Promise<void> {
    let message: Req;
    try {
      message = method.request.fromBinary(request.payload);
    } catch (error) {
      log.warn({ service: method.service, method: method.method, err: error }, 'a request could not be read');
      await respond(method, request, { error: 'the request could not be read', code: 'malformed_request' });
      return;
    }
    if (!method.direct) {
      const offer = method.offer ? method.offer(message) : { affinity: 1 };
      if (offer === null || offer.affinity < 0) return;
      if (!(await claim(method, request, offer, pending))) return;
    }
    try {
      const { requestId, clientId, expiryMs } = request;
      const result = await method.handle(message, { requestId, clientId, expiryMs });
      await respond(method, request, { payload: result.toBinary() });
    } catch (error) {
      if (!(error instanceof RpcError)) {
        log.error({ service: method.service, method: method.method, err: error }, 'a call failed unexpectedly');
      }
      const refusal = error instanceof RpcError ? error : new RpcError('internal', 'the service failed; see its log');
      await respond(method, request, { error: refusal.message, code: refusal.code });
    }
  }

  async function serve<Req, Res extends Writable>(method: ServedMethod<Req, Res>): Promise<() => Promise<void>> {
    const pendings = new Map<string, Pending>();
    const name = { service: method.service, method: method.method, topic: method.topic };
    let open = true;

    const onRequest = (bytes: Uint8Array) => {
      let request: Request;
      try {
        request = decodeRequest(bytes);
      } catch (error) {
        log.warn({ ...name, reason: String(error) }, 'a malformed message on the bus was dropped');
        return;
      }
      // Expired: the caller has given up. Seen before: the bus repeats nothing, a repeated id is somebody's mistake.
      if (!open || now() >= request.expiryMs || pendings.has(request.requestId)) return;
      if (pendings.size >= MAX_PENDING) {
        log.warn({ ...name, pending: pendings.size }, 'too many requests at once, one was dropped');
        return;
      }
      const pending: Pending = { chosen: null, wake: null };
      pendings.set(request.requestId, pending);
      answer(method, request, pending)
        .catch((error: unknown) => log.warn({ ...name, err: error }, 'a request could not be served'))
        .finally(() => pendings.delete(request.requestId));
    };
    const onChoice = (bytes: Uint8Array) => {
      try {
        const choice = decodeClaimResponse(bytes);
        const pending = pendings.get(choice.requestId);
        if (!pending || pending.chosen !== null) return;
        pending.chosen = choice.serverId;
        pending.wake?.();
      } catch (error) {
        log.warn({ ...name, reason: String(error) }, 'a malformed message on the bus was dropped');
      }
    };

    // Choices first: a request heard without them could never be won.
    const leaveChoices = method.direct ? null : await wire.subscribe(claimResponseChannel(method), onChoice);
    const leaveRequests = await wire.subscribe(requestChannel(method), onRequest);
    return async () => {
      open = false;
      await leaveRequests();
      await leaveChoices?.();
    };
  }

  return { serverId, serve };
}
