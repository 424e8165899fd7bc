import { AppError } from '#core/shared/app-error';
import type { PasswordHasher } from '#core/viewer/show-password';
import type { Visibility } from './broadcast.ts';

/**
 * What becomes of a broadcast's password.
 * @param next visibility after the change and the password that came with it, if any
 * @param known hash that there is already
 * @returns the hash to keep; null when no password is asked for
 * @throws AppError 'bad-request' with field `password` when one is missing, or given where none is asked for
 */
export async function passwordHashOf(
  hasher: PasswordHasher,
  { visibility, password }: { visibility: Visibility; password?: string | undefined },
  known: string | null,
): Promise<string | null> {
  if (visibility === 'password') {
    if (password !== undefined) return hasher.hash(password);
    if (known !== null) return known;
    throw refused('password: is missing. Viewers are asked for it before they may watch.');
  }
  if (password === undefined) return null;
  throw refused('password: only a broadcast of visibility “password” has one.');
}

function refused(message: string): AppError {
  return new AppError('bad-request', { blame: 'owner', retry: 'after-edit', field: 'password', message });
}
