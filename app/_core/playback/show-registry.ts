import type { MediaStorage } from '#core/recording/media-storage';
import { readStoredShow, writeStoredShow } from '#core/recording/stored-show';
import { AppError } from '#core/shared/app-error';
import { Show, type ShowRegistry } from './show.ts';

/** The fast store that may be lost. */
export type QuickShows = { put(show: Show): Promise<void>; get(playbackId: string): Promise<Show | null> };

/**
 * Shows in two stores: Redis answers, storage remembers (DR-2: Redis can be lost).
 * @param tell told when one of the two failed while the other went well, for the log
 */
export function createShowRegistry(
  quick: QuickShows,
  storage: MediaStorage,
  tell: (what: string, error: unknown) => void,
): ShowRegistry {
  async function putStored(show: Show): Promise<void> {
    const stored = await readStoredShow(storage, show.playbackId);
    if (stored.show && stored.show.version > show.version) return;
    await writeStoredShow(storage, show.playbackId, { ...stored, show });
  }
  return {
    async put(given) {
      const show = Show.parse(given);
      const [inQuick, inStorage] = await Promise.allSettled([quick.put(show), putStored(show)]);
      if (inQuick.status === 'rejected' && inStorage.status === 'rejected') {
        throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause: inQuick.reason });
      }
      if (inQuick.status === 'rejected') tell('show kept in storage only', inQuick.reason);
      if (inStorage.status === 'rejected') tell('show kept in redis only', inStorage.reason);
    },
    async get(playbackId) {
      let quickError: unknown = null;
      try {
        const show = await quick.get(playbackId);
        if (show) return show;
      } catch (error) {
        quickError = error;
      }
      try {
        const { show } = await readStoredShow(storage, playbackId);
        if (show && quickError === null) await quick.put(show).catch((error) => tell('show not restored', error));
        if (show || quickError === null) return show;
      } catch (cause) {
        throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause });
      }
      throw new AppError('unavailable', { blame: 'operator', retry: 'with-back-off', cause: quickError });
    },
  };
}
