/** How long a printed link works. */
export const SIGN_IN_LINK_MS = 30 * 60_000;

/** Port: one-time sign-in links. Only a hash of the token is stored. */
export type SignInLinkStore = {
  add(token: string, userId: string, expiresAt: Date): Promise<void>;
  /** Uses the link up: of two at the same moment only one gets the user, a used or late one gives null. */
  consume(token: string, now: Date): Promise<string | null>;
};
