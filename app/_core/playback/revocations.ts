/**
 * Port: viewers who were sent away from one broadcast, so that their playback grants die before they expire. Kept for a day, longer than any
 * grant is renewed. Throws AppError 'unavailable' when it cannot be asked.
 */
export type Revocations = {
  /** @param viewer as the grant names them */
  revoke(playbackId: string, viewer: string): Promise<void>;
  /** They may come back, with a new grant or with the old one while that lasts. */
  allow(playbackId: string, viewer: string): Promise<void>;
  list(playbackId: string): Promise<ReadonlySet<string>>;
};

export const REVOCATION_KEEP_S = 86_400;
