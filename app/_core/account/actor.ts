/** Who asks. Every use case takes one and decides by it. */
export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'user'; userId: string; name: string; email: string; isAdmin: boolean }
  /** The install's own key (`credentials.json`) may do everything. */
  | { kind: 'api-key'; keyId: string; isAdmin: true; userId: string };

export const ANONYMOUS: Actor = { kind: 'anonymous' };
