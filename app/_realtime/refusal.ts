import type { z } from 'zod';
import { TooFastError } from '#core/chat/post-message';
import { type AppErrorCode, isAppError } from '#core/shared/app-error';
import type { Refusal } from './contract.ts';

/** A refusal is an answer: why, in a word for programs and a sentence for people. */
export function refuse(
  reason: Refusal['reason'],
  message: string,
  more: { field?: string; retryAfterMs?: number } = {},
): Refusal {
  return { ok: false, reason, message, ...more };
}

export const UNAVAILABLE =
  'We cannot reach our chat store right now. Your message was not sent; try again in a moment.';
export const NOT_JOINED = 'This page is not in a channel yet. Reload it.';

/** Reads a request or says which field is wrong. */
export function readRequest<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
): { ok: true; request: z.output<Schema> } | Refusal {
  const read = schema.safeParse(raw);
  if (read.success) return { ok: true, request: read.data };
  const issue = read.error.issues[0];
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.map(String).join('.');
  const where = field ? `The field "${field}" is not right` : 'The request is not right';
  return refuse('bad-request', `${where}: ${issue?.message ?? 'it cannot be read'}.`, field ? { field } : {});
}

const NOT_ALLOWED = new Set<AppErrorCode>(['pass-ended', 'ticket-revoked', 'sent-away']);

/** The refusal that an error stands for. Unknown errors are ours: their words stay in the log. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof TooFastError) {
    return refuse('rate-limited', error.message, { retryAfterMs: error.retryAfterMs });
  }
  if (isAppError(error) && error.code === 'bad-request') {
    return refuse('bad-request', error.message, error.field ? { field: error.field } : {});
  }
  if (isAppError(error) && error.code === 'not-found') {
    return refuse('not-found', error.message);
  }
  if (isAppError(error) && NOT_ALLOWED.has(error.code)) {
    return refuse('not-allowed', error.message);
  }
  return refuse('unavailable', UNAVAILABLE, { retryAfterMs: 3000 });
}
