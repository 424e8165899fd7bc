import { MessageWriter, readBytes, readFloat, readInt64, readText, visitFields } from './protobuf-fields.ts';

/** A call on its way to the servers of a method. Times are ms since 1970 (on the wire: ns). */
export type Request = {
  requestId: string;
  clientId: string;
  sentAtMs: number;
  /** Past this a server must not begin: the hosts' clocks agree within a second. */
  expiryMs: number;
  /** True for calls that every server answers, without claims. */
  multi: boolean;
  payload: Uint8Array;
};
/** A server's offer to take a request; the affinity is its willingness, 1 wins at once, 0 never wins. */
export type ClaimRequest = { requestId: string; serverId: string; affinity: number };
/** The client's choice. */
export type ClaimResponse = { requestId: string; serverId: string };
export type Response = {
  requestId: string;
  serverId: string;
  sentAtMs: number;
  /** Empty = success. */
  error: string;
  code: string;
  payload: Uint8Array;
};

export type EnvelopeKind = 'Request' | 'ClaimRequest' | 'ClaimResponse' | 'Response';

/** Larger messages are refused unread: nothing LiveKit sends comes near (room metadata, the biggest, ends at 512 KiB). */
export const MAX_MESSAGE_BYTES = 1 << 20;

const TYPE_PREFIX = 'type.googleapis.com/internal.';
const NS_PER_MS = 1_000_000n;
const EMPTY = new Uint8Array(0);

const toNs = (ms: number) => BigInt(Math.round(ms)) * NS_PER_MS;
const toMs = (ns: bigint) => Number(ns / NS_PER_MS);

function wrap(kind: EnvelopeKind, value: Uint8Array): Uint8Array {
  return new MessageWriter()
    .text(1, TYPE_PREFIX + kind)
    .bytes(2, value)
    .finish();
}

/** @throws when the bytes are too large, no protobuf, or another kind of message */
function unwrap(kind: EnvelopeKind, bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new Error(`message of ${bytes.length} bytes is too large`);
  let typeUrl = '';
  let value: Uint8Array = EMPTY;
  visitFields(bytes, (f) => {
    if (f.field === 1) typeUrl = readText(f);
    else if (f.field === 2) value = readBytes(f);
    else return false;
    return true;
  });
  if (typeUrl !== TYPE_PREFIX + kind) throw new Error(`expected internal.${kind}, got "${typeUrl.slice(0, 80)}"`);
  return value;
}

function requireIds(...ids: string[]): void {
  if (ids.some((id) => id === '' || id.length > 128)) throw new Error('message lacks its ids');
}

export function encodeRequest(request: Request): Uint8Array {
  const writer = new MessageWriter()
    .text(1, request.requestId)
    .text(2, request.clientId)
    .int64(3, toNs(request.sentAtMs))
    .int64(4, toNs(request.expiryMs));
  if (request.multi) writer.int64(5, 1n);
  return wrap('Request', writer.bytes(8, request.payload).finish());
}

/** @throws when the bytes are no request of psrpc's */
export function decodeRequest(bytes: Uint8Array): Request {
  const out: Request = { requestId: '', clientId: '', sentAtMs: 0, expiryMs: 0, multi: false, payload: EMPTY };
  visitFields(unwrap('Request', bytes), (f) => {
    if (f.field === 1) out.requestId = readText(f);
    else if (f.field === 2) out.clientId = readText(f);
    else if (f.field === 3) out.sentAtMs = toMs(readInt64(f));
    else if (f.field === 4) out.expiryMs = toMs(readInt64(f));
    else if (f.field === 5) out.multi = readInt64(f) !== 0n;
    else if (f.field === 8) out.payload = readBytes(f);
    else return false;
    return true;
  });
  requireIds(out.requestId, out.clientId);
  return out;
}

export function encodeClaimRequest(claim: ClaimRequest): Uint8Array {
  return wrap(
    'ClaimRequest',
    new MessageWriter().text(1, claim.requestId).text(2, claim.serverId).float(3, claim.affinity).finish(),
  );
}

/** @throws when the bytes are no claim of psrpc's */
export function decodeClaimRequest(bytes: Uint8Array): ClaimRequest {
  const out: ClaimRequest = { requestId: '', serverId: '', affinity: 0 };
  visitFields(unwrap('ClaimRequest', bytes), (f) => {
    if (f.field === 1) out.requestId = readText(f);
    else if (f.field === 2) out.serverId = readText(f);
    else if (f.field === 3) out.affinity = readFloat(f);
    else return false;
    return true;
  });
  requireIds(out.requestId, out.serverId);
  return out;
}

export function encodeClaimResponse(claim: ClaimResponse): Uint8Array {
  return wrap('ClaimResponse', new MessageWriter().text(1, claim.requestId).text(2, claim.serverId).finish());
}

/** @throws when the bytes are no choice of psrpc's */
export function decodeClaimResponse(bytes: Uint8Array): ClaimResponse {
  const out: ClaimResponse = { requestId: '', serverId: '' };
  visitFields(unwrap('ClaimResponse', bytes), (f) => {
    if (f.field === 1) out.requestId = readText(f);
    else if (f.field === 2) out.serverId = readText(f);
    else return false;
    return true;
  });
  requireIds(out.requestId, out.serverId);
  return out;
}

export function encodeResponse(response: Response): Uint8Array {
  return wrap(
    'Response',
    new MessageWriter()
      .text(1, response.requestId)
      .text(2, response.serverId)
      .int64(3, toNs(response.sentAtMs))
      .text(5, response.error)
      .text(6, response.code)
      .bytes(7, response.payload)
      .finish(),
  );
}

/** @throws when the bytes are no answer of psrpc's */
export function decodeResponse(bytes: Uint8Array): Response {
  const out: Response = { requestId: '', serverId: '', sentAtMs: 0, error: '', code: '', payload: EMPTY };
  visitFields(unwrap('Response', bytes), (f) => {
    if (f.field === 1) out.requestId = readText(f);
    else if (f.field === 2) out.serverId = readText(f);
    else if (f.field === 3) out.sentAtMs = toMs(readInt64(f));
    else if (f.field === 5) out.error = readText(f);
    else if (f.field === 6) out.code = readText(f);
    else if (f.field === 7) out.payload = readBytes(f);
    else return false;
    return true;
  });
  requireIds(out.requestId);
  return out;
}
