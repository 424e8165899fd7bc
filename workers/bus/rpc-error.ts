/**
 * psrpc's error codes: the closed set both sides understand.
 * livekit-server repeats a start after `unavailable`, `deadline_exceeded` and `resource_exhausted`, and no other.
 * Source: psrpc errors.go.
 */
export const RPC_CODES = [
  'canceled',
  'malformed_request',
  'malformed_result',
  'deadline_exceeded',
  'unavailable',
  'unknown',
  'invalid_argument',
  'not_found',
  'not_acceptable',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'data_loss',
  'unauthenticated',
  'unprocessable_entity',
  'upstream_server_error',
  'upstream_client_error',
] as const;
export type RpcCode = (typeof RPC_CODES)[number];

const HTTP_STATUS: Record<RpcCode, number> = {
  canceled: 503,
  malformed_request: 400,
  malformed_result: 500,
  deadline_exceeded: 503,
  unavailable: 503,
  unknown: 500,
  invalid_argument: 400,
  not_found: 404,
  not_acceptable: 406,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 412,
  aborted: 409,
  out_of_range: 416,
  unimplemented: 501,
  internal: 500,
  data_loss: 500,
  unauthenticated: 401,
  unprocessable_entity: 422,
  upstream_server_error: 502,
  upstream_client_error: 424,
};

/** An answer on the bus that is a refusal: a code for programs, a sentence for people. */
export class RpcError extends Error {
  readonly code: RpcCode;

  constructor(code: RpcCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RpcError';
    this.code = code;
  }

  /** The HTTP status LiveKit puts into `EgressInfo.error_code`. */
  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }
}

/** Reads a code from the wire; what we do not know is `unknown`. */
export function rpcCodeOf(text: string): RpcCode {
  return RPC_CODES.find((code) => code === text) ?? 'unknown';
}
