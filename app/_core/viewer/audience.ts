/**
 * Counts those alive now: a lease a viewer session, renewed by heartbeats, ended by 45 s of silence.
 * Fed by the player's beacon, read by realtime and the API.
 */
export type Audience = {
  /** Renews one session's lease. `sessionId` is made by the player, 8 to 64 characters. */
  beat(playbackId: string, sessionId: string): Promise<void>;
  leave(playbackId: string, sessionId: string): Promise<void>;
  count(playbackId: string): Promise<number>;
};

export const AUDIENCE_LEASE_MS = 45_000;
export const AUDIENCE_BEAT_MS = 20_000;
