/** Who can mend it. */
export type Blame = 'owner' | 'viewer' | 'operator' | 'outside' | 'us';
/** Whether the same call may succeed later. */
export type Retry = 'now' | 'with-back-off' | 'after-edit' | 'never';

/** The closed set of error codes. A code is for programs, the sentence for people, the cause for logs. */
export type AppErrorCode =
  | 'bad-request'
  | 'bad-configuration'
  | 'unauthenticated'
  | 'forbidden'
  | 'wrong-password'
  | 'ticket-unknown'
  | 'ticket-taken'
  | 'ticket-revoked'
  | 'pass-ended'
  | 'sent-away'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'rate-limited'
  | 'wrong-state'
  | 'unsupported'
  | 'destination-refused'
  | 'egress-refused'
  | 'full'
  | 'livekit-unavailable'
  | 'storage-unavailable'
  | 'database-unavailable'
  | 'unavailable'
  | 'internal';

export type AppErrorFacts = {
  blame?: Blame;
  retry?: Retry;
  /** Name of the offending input field, as the caller wrote it: `title`, `scene.layout`. */
  field?: string;
  /** One sentence a person can act on. */
  message?: string;
  /** Seconds until the same call may succeed. */
  retryAfterS?: number;
  /** For logs only. */
  detail?: string;
  cause?: unknown;
};

/** The one error our own code throws on purpose: what, whose fault, and whether to try again. */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly blame: Blame;
  readonly retry: Retry;
  readonly field: string | undefined;
  readonly detail: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: AppErrorCode, facts: AppErrorFacts = {}) {
    super(facts.message ?? code, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'AppError';
    this.code = code;
    this.blame = facts.blame ?? 'us';
    this.retry = facts.retry ?? 'never';
    this.field = facts.field;
    this.detail = facts.detail;
    this.retryAfterS = facts.retryAfterS;
  }
}

/** True for errors made by `AppError`, also across realms and bundles. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}
