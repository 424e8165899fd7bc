/** The closed set of codes our API answers with, and two of our own for what never reached it. */
export type ApiErrorCode = string | 'network' | 'aborted';

/** An answer that was no success. `message` is a sentence for people; `field` names the offending input. */
export class ApiError extends Error {
  constructor(
    readonly code: ApiErrorCode,
    message: string,
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly field?: string,
    /** From `Retry-After`. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && error.name === 'ApiError';
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Calls `/api/v1{path}` with the sign-in cookie.
 * @returns the JSON body, or undefined for 204
 * @throws ApiError for each answer that is no success, and for a network that gives none (`network`, status 0)
 */
export async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? undefined : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (cause) {
    if (signal?.aborted) throw new ApiError('aborted', 'The call was cancelled.', 0);
    throw new ApiError('network', cause instanceof Error ? cause.message : 'No answer came.', 0);
  }
  if (response.status === 204) return undefined as T;
  const payload: unknown = await response.json().catch(() => null);
  if (response.ok) return payload as T;
  throw readError(payload, response);
}

function readError(payload: unknown, response: Response): ApiError {
  const retryAfterS = Number(response.headers.get('retry-after'));
  const retryAfterMs = retryAfterS > 0 ? retryAfterS * 1000 : undefined;
  const error = isRecord(payload) && isRecord(payload.error) ? payload.error : {};
  const code = typeof error.code === 'string' ? error.code : 'internal';
  const message = typeof error.message === 'string' ? error.message : `The server answered ${response.status}.`;
  const field = typeof error.field === 'string' ? error.field : undefined;
  return new ApiError(code, message, response.status, field, retryAfterMs);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
