import type { Actor } from './actor.ts';

/** Port: who asks. Headers carry either `Authorization: Bearer <API key>` or the sign-in cookie. */
export type Accounts = {
  /** Never throws for a wrong or absent credential: that is an anonymous actor. */
  actorFromHeaders(headers: Headers): Promise<Actor>;
};
