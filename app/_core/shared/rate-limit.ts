/** Port: so many in a while for each key (an address, an account). */
export type RateLimit = {
  take(key: string): Promise<{ ok: true } | { ok: false; retryAfterS: number }>;
  /** One that was taken does not count after all; never throws. */
  giveBack(key: string): Promise<void>;
};
