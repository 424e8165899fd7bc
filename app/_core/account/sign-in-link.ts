import { AppError } from '#core/shared/app-error';
import type { Clock } from '#core/shared/clock';
import type { SignedIn, SignIn } from './sign-in.ts';

/** How long a printed link works. */
export const SIGN_IN_LINK_MS = 30 * 60_000;

/** Port: one-time sign-in links. Only a hash of the token is stored. */
export type SignInLinkStore = {
  add(token: string, userId: string, expiresAt: Date): Promise<void>;
  /** Uses the link up: of two at the same moment only one gets the user, a used or late one gives null. */
  consume(token: string, now: Date): Promise<string | null>;
};

/**
 * Makes a one-time link that signs the first admin in (S-46).
 * @throws AppError 'wrong-state' before the installation was set up
 */
export async function makeSignInLink(
  rooms: {
    stores: { signInLinks: SignInLinkStore };
    signIn: Pick<SignIn, 'adminId'>;
    clock: Clock;
    makeToken(): string;
  },
  pagesUrl: string,
): Promise<{ url: string; expiresAt: string }> {
  const userId = await rooms.signIn.adminId();
  if (!userId)
    throw new AppError('wrong-state', { blame: 'operator', message: 'There is no admin yet: run the set-up first.' });
  const token = rooms.makeToken();
  const expiresAt = new Date(rooms.clock.now().getTime() + SIGN_IN_LINK_MS);
  await rooms.stores.signInLinks.add(token, userId, expiresAt);
  return { url: `${pagesUrl}/first-run?token=${token}`, expiresAt: expiresAt.toISOString() };
}

/**
 * Uses a link up and signs its person in.
 * @throws AppError 'unauthenticated' for an unknown, used or late one
 */
export async function useSignInLink(
  rooms: { stores: { signInLinks: SignInLinkStore }; signIn: Pick<SignIn, 'asUser'>; clock: Clock },
  token: string,
  headers: Headers,
): Promise<SignedIn> {
  const userId = await rooms.stores.signInLinks.consume(token, rooms.clock.now());
  if (userId) return rooms.signIn.asUser(userId, headers);
  throw new AppError('unauthenticated', {
    blame: 'owner',
    message: 'This link was used already or is too old. Run “npm start” again to get a new one.',
  });
}
