/** Port: who of several workers does a pass. Taken over when its holder is silent; nobody waits for it. */
export type Leases = {
  /** True when `holder` has it for `lifeMs` from now: it was free, ran out, or was its own already. */
  take(name: string, holder: string, lifeMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
};
