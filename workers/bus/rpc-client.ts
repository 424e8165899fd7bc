import type { BusLog, BusWire } from './bus-wire.ts';
import {
  type ClaimRequest,
  decodeClaimRequest,
  decodeResponse,
  encodeClaimResponse,
  encodeRequest,
  type Response,
} from './envelope.ts';
import { makeBusId } from './ids.ts';
import { RpcError, rpcCodeOf } from './rpc-error.ts';
import type { Readable, Writable } from './rpc-server.ts';
import { claimRequestChannel, claimResponseChannel, type Method, requestChannel, responseChannel } from './topics.ts';

/**
 * How a server is chosen among those that claim. `first`: the first claim. `best`: affinity 1 wins at once, else the best claim
 * `settleMs` after the first one, `limitMs` at most (livekit-server takes 500 and 1,000 for a start).
 */
export type Choice = 'first' | { settleMs: number; limitMs: number };

export type RpcCall<Res> = Method & {
  request: Writable;
  response: Readable<Res>;
  /** Until the answer; default 3 s, as psrpc. */
  timeoutMs?: number;
  /** True for methods without claims. */
  direct?: boolean;
  choice?: Choice;
};

export type RpcClient = {
  /**
   * Asks one server.
   * @throws RpcError with the server's code; `unavailable` when nobody answered or Redis is away, `deadline_exceeded` when the chosen
   *   server did not answer in time, `malformed_result` when its answer cannot be read
   */
  call<Res>(call: RpcCall<Res>): Promise<Res>;
  close(): Promise<void>;
};

type Exchange = {
  onClaim(claim: ClaimRequest): void;
  onResponse(response: Response): void;
  cancel(error: RpcError): void;
};

const DEFAULT_TIMEOUT_MS = 3_000;

/** Decides among claims; calls `choose` once. */
function judgeClaims(choice: Choice, choose: (serverId: string) => void) {
  let best: ClaimRequest | null = null;
  let settle: NodeJS.Timeout | null = null;
  let done = false;
  const decide = (claim: ClaimRequest | null) => {
    if (done || !claim) return;
    done = true;
    stop();
    choose(claim.serverId);
  };
  const limit = choice === 'first' ? null : setTimeout(() => decide(best), choice.limitMs);
  function stop() {
    if (settle) clearTimeout(settle);
    if (limit) clearTimeout(limit);
  }
  return {
    stop,
    take(claim: ClaimRequest) {
      if (done) return;
      if (choice === 'first' || claim.affinity >= 1) return decide(claim);
      if (claim.affinity > (best?.affinity ?? 0)) best = claim;
      settle ??= setTimeout(() => decide(best), choice.settleMs);
    },
  };
}

/** The client half of psrpc. Source: psrpc pkg/client/rpc.go. */
export function createRpcClient(wire: BusWire, log: BusLog, now: () => number = Date.now): RpcClient {
  const clientId = makeBusId('CLI_');
  const exchanges = new Map<string, Exchange>();
  const services = new Map<string, Promise<(() => Promise<void>)[]>>();
  let closed = false;

  function hear<T extends { requestId: string }>(
    decode: (bytes: Uint8Array) => T,
    give: (to: Exchange, message: T) => void,
  ): (bytes: Uint8Array) => void {
    return (bytes) => {
      try {
        const message = decode(bytes);
        const exchange = exchanges.get(message.requestId);
        if (exchange) give(exchange, message);
      } catch (error) {
        log.warn({ clientId, reason: String(error) }, 'a malformed message on the bus was dropped');
      }
    };
  }

  function listenFor(service: string): Promise<(() => Promise<void>)[]> {
    const known = services.get(service);
    if (known) return known;
    const listening = Promise.all([
      wire.subscribe(
        responseChannel(service, clientId),
        hear(decodeResponse, (to, message) => to.onResponse(message)),
      ),
      wire.subscribe(
        claimRequestChannel(service, clientId),
        hear(decodeClaimRequest, (to, message) => to.onClaim(message)),
      ),
    ]);
    services.set(service, listening);
    listening.catch(() => services.delete(service));
    return listening;
  }

  /** Runs one exchange; the promise settles at the answer, at an error, or when the time is over. */
  function exchange(call: RpcCall<unknown>, requestId: string, timeoutMs: number, send: () => Promise<void>) {
    return new Promise<Response>((resolve, reject) => {
      let chosen = call.direct === true;
      const end = (settle: () => void) => {
        if (!exchanges.delete(requestId)) return;
        clearTimeout(timer);
        judge.stop();
        settle();
      };
      const fail = (error: RpcError) => end(() => reject(error));
      const away = (error: unknown) => fail(new RpcError('unavailable', 'the bus is away', { cause: error }));
      const judge = judgeClaims(call.choice ?? 'first', (serverId) => {
        chosen = true;
        wire.publish(claimResponseChannel(call), encodeClaimResponse({ requestId, serverId })).catch(away);
      });
      const timer = setTimeout(() => {
        fail(
          chosen
            ? new RpcError('deadline_exceeded', 'request timed out')
            : new RpcError('unavailable', 'no response from servers'),
        );
      }, timeoutMs);
      exchanges.set(requestId, {
        onClaim: (claim) => judge.take(claim),
        onResponse: (response) => end(() => resolve(response)),
        cancel: fail,
      });
      send().catch(away);
    });
  }

  async function call<Res>(asked: RpcCall<Res>): Promise<Res> {
    if (closed) throw new RpcError('canceled', 'the bus client is closed');
    const requestId = makeBusId('REQ_');
    const timeoutMs = asked.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const payload = asked.request.toBinary();
    const response = await exchange(asked, requestId, timeoutMs, async () => {
      await listenFor(asked.service);
      const sentAtMs = now();
      const envelope = { requestId, clientId, sentAtMs, expiryMs: sentAtMs + timeoutMs, multi: false, payload };
      if (!exchanges.has(requestId)) return;
      await wire.publish(requestChannel(asked), encodeRequest(envelope));
    });
    if (response.error !== '') throw new RpcError(rpcCodeOf(response.code), response.error);
    try {
      return asked.response.fromBinary(response.payload);
    } catch (error) {
      throw new RpcError('malformed_result', 'the answer could not be read', { cause: error });
    }
  }

  return {
    call,
    async close() {
      closed = true;
      for (const one of [...exchanges.values()]) one.cancel(new RpcError('canceled', 'the bus client is closed'));
      // Not awaited: while Redis is away leaving would wait for it.
      for (const listening of services.values()) {
        listening.then((leaves) => Promise.all(leaves.map((leave) => leave()))).catch(() => undefined);
      }
      services.clear();
    },
  };
}
