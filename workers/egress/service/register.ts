import type { EgressInfo } from '@livekit/protocol';

/** One egress as the register keeps it: LiveKit's (masked) record, and what is needed to go on with it, sealed. */
export type RegisteredEgress = { info: EgressInfo; estate: Buffer };

export type FoundEgress = RegisteredEgress & {
  /** The worker that holds it; null when its hold ran out. */
  holder: string | null;
  /** False when nobody has held it for so long that it counts as lost. */
  hoped: boolean;
};

/**
 * Port: which worker keeps which egress, so that the egresses of a worker that died are taken over by another, or at least are not
 * ACTIVE for ever in LiveKit's list. A hold is a lease: it is one worker's until it runs out.
 */
export type EgressRegister = {
  /**
   * Stores the egress and holds it for `HOLD_MS`.
   * @returns `made` when it was not there before, `refused` when another worker holds it: whoever asks has lost it
   */
  hold(egress: RegisteredEgress): Promise<'made' | 'kept' | 'refused'>;
  /** Forgets the egress, unless another worker holds it. */
  drop(egressId: string): Promise<void>;
  /** Everything there is. */
  list(): Promise<FoundEgress[]>;
  /** Takes the hold from `holder` (null = from nobody). @returns false when it was somebody else's by then */
  claim(egressId: string, holder: string | null): Promise<boolean>;
  close(): void;
};

/** An egress whose worker is silent for this long may be claimed; a live worker renews six times as often. */
export const HOLD_MS = 4_800;
/**
 * An egress that nobody holds for this long in all is lost. Below the 15 s without a part after which the app starts a new egress on the
 * same feed.
 */
export const HOPE_MS = 13_000;
