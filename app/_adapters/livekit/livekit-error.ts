import { ServerError } from 'livekit-server-sdk';
import { PROBLEMS } from '#core/broadcast/problems';
import { AppError } from '#core/shared/app-error';

export type LiveKitSettings = {
  /** As our processes reach it: `http://127.0.0.1:8804`. */
  url: string;
  apiKey: string;
  apiSecret: string;
};

/** LiveKit's word for what went wrong (`not_found`, `failed_precondition`, …), or null for a network error. */
export function livekitCode(error: unknown): string | null {
  return error instanceof ServerError ? (error.code ?? 'unknown') : null;
}

/** True when the thing is not there (any more). */
export function isGone(error: unknown): boolean {
  return livekitCode(error) === 'not_found';
}

/** LiveKit's errors in our words; its own text goes to the log alone. */
export function livekitError(error: unknown, doing: string): AppError {
  return new AppError('livekit-unavailable', {
    blame: 'operator',
    retry: 'with-back-off',
    message: PROBLEMS['media-server-away'],
    detail: `${doing}: ${livekitCode(error) ?? 'network'}`,
    cause: error,
  });
}
