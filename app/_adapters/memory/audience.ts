import type { Clock } from '#core/shared/clock';
import { AUDIENCE_LEASE_MS, type Audience } from '#core/viewer/audience';

/** Leases in memory. */
export function createMemoryAudience(clock: Clock): Audience {
  const shows = new Map<string, Map<string, number>>();
  return {
    async beat(playbackId, sessionId) {
      const leases = shows.get(playbackId) ?? new Map<string, number>();
      shows.set(playbackId, leases.set(sessionId, clock.now().getTime() + AUDIENCE_LEASE_MS));
    },
    async leave(playbackId, sessionId) {
      shows.get(playbackId)?.delete(sessionId);
    },
    async count(playbackId) {
      const now = clock.now().getTime();
      return [...(shows.get(playbackId)?.values() ?? [])].filter((until) => until > now).length;
    },
  };
}
