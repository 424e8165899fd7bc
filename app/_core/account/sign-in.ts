/** Port: people's accounts and their sign-in. Answers carry `Set-Cookie` headers that the route passes on. */
export type SignIn = {
  /** Same answer and time for an unknown e-mail and a wrong password: null. */
  withPassword(email: string, password: string, headers: Headers): Promise<SignedIn | null>;
  /** Signs a person in without a password, after a one-time link was used up. */
  asUser(userId: string, headers: Headers): Promise<SignedIn>;
  signOut(headers: Headers): Promise<{ cookies: string[] }>;
  /**
   * Makes sure that an account exists; an existing one keeps its password.
   * @returns the user's id
   */
  ensureUser(user: { email: string; password: string; name: string; isAdmin: boolean }): Promise<string>;
  /** The first admin's id, or null before the first start. */
  adminId(): Promise<string | null>;
};

export type SignedIn = { userId: string; name: string; email: string; isAdmin: boolean; cookies: string[] };
