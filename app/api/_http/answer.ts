import { type AppErrorCode, isAppError } from '#core/shared/app-error';

const STATUS: Record<AppErrorCode, number> = {
  'bad-request': 400,
  'bad-configuration': 500,
  unauthenticated: 401,
  forbidden: 403,
  'wrong-password': 403,
  'ticket-unknown': 403,
  'ticket-taken': 403,
  'ticket-revoked': 403,
  'pass-ended': 403,
  'sent-away': 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limited': 429,
  'wrong-state': 409,
  unsupported: 415,
  'destination-refused': 422,
  'egress-refused': 503,
  full: 503,
  'livekit-unavailable': 503,
  'storage-unavailable': 503,
  'database-unavailable': 503,
  unavailable: 503,
  internal: 500,
};

/** A part that is away comes back by itself within seconds: restarted by its supervisor, or reached again. */
const AWAY_RETRY_S = 5;

/** Nothing that depends on who asks may stay in a cache (S-50). */
export const PRIVATE = { 'cache-control': 'private, no-store', vary: 'cookie, authorization' };

/** A JSON answer; `undefined` is 204. */
export function answerJson(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: HeadersInit } = {},
): Response {
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(PRIVATE)) all.set(name, value);
  if (body === undefined) return new Response(null, { status: 204, headers: all });
  all.set('content-type', 'application/json; charset=utf-8');
  all.set('x-content-type-options', 'nosniff');
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** Adds the cookies of a sign-in to an answer. */
export function withCookies(answer: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) answer.headers.append('set-cookie', cookie);
  return answer;
}

/** An error as the API tells it: a code, a sentence, the field; never a stack, never a library's text. */
export function answerError(error: unknown, requestId: string): Response {
  const known = isAppError(error) ? error : null;
  const code = known?.code ?? 'internal';
  const sentence = known && known.message !== known.code ? known.message : DEFAULT_SENTENCE[code];
  const headers: Record<string, string> = { 'x-request-id': requestId };
  const retryAfterS = known?.retryAfterS ?? (STATUS[code] === 503 ? AWAY_RETRY_S : undefined);
  if (retryAfterS !== undefined) headers['retry-after'] = String(retryAfterS);
  const body = { error: { code, message: sentence ?? 'This did not work.', field: known?.field, requestId } };
  return answerJson(body, { status: STATUS[code], headers });
}

const DEFAULT_SENTENCE: Partial<Record<AppErrorCode, string>> = {
  internal: 'Something went wrong here. It was noted under the request id.',
  unavailable: 'A part of the installation does not answer at the moment. Try again shortly.',
  'storage-unavailable': 'The media store does not answer at the moment. Try again shortly.',
  'not-found': 'There is nothing at this address.',
  forbidden: 'This is not allowed.',
};
