import type { Revocations } from '#core/playback/revocations';
import { AppError } from '#core/shared/app-error';

/** Revoked viewers in memory; `away` makes every question fail. */
export type MemoryRevocations = Revocations & { away: boolean };

export function createMemoryRevocations(): MemoryRevocations {
  const shows = new Map<string, Set<string>>();
  const check = () => {
    if (all.away) throw new AppError('unavailable', { blame: 'operator' });
  };
  const all: MemoryRevocations = {
    away: false,
    async revoke(playbackId, viewer) {
      check();
      shows.set(playbackId, (shows.get(playbackId) ?? new Set()).add(viewer));
    },
    async allow(playbackId, viewer) {
      check();
      shows.get(playbackId)?.delete(viewer);
    },
    async list(playbackId) {
      check();
      return new Set(shows.get(playbackId));
    },
  };
  return all;
}
