import { Show, type ShowRegistry } from '#core/playback/show';
import { AppError } from '#core/shared/app-error';

/** Shows in memory; `away` makes every question fail. */
export type MemoryShowRegistry = ShowRegistry & { away: boolean };

export function createMemoryShowRegistry(): MemoryShowRegistry {
  const shows = new Map<string, Show>();
  const check = () => {
    if (registry.away) throw new AppError('unavailable', { blame: 'operator' });
  };
  const registry: MemoryShowRegistry = {
    away: false,
    async put(given) {
      check();
      const show = Show.parse(given);
      const known = shows.get(show.playbackId);
      if (!known || known.version <= show.version) shows.set(show.playbackId, show);
    },
    async get(playbackId) {
      check();
      return shows.get(playbackId) ?? null;
    },
  };
  return registry;
}
