import type { MediaStorage } from '#core/recording/media-storage';
import { AppError } from '#core/shared/app-error';
import { mediaKeys } from './live-feed.ts';
import { Show, type ShowRegistry, StoredShow } from './show.ts';

/** The fast store that may be lost. */
export type QuickShows = { put(show: Show): Promise<void>; get(playbackId: string): Promise<Show | null> };

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

/** Reads `show.json`; an absent or broken one is empty. @throws AppError 'storage-unavailable' */
export async function readStoredShow(storage: MediaStorage, playbackId: string): Promise<StoredShow> {
  const body = await storage.get(mediaKeys.show(playbackId));
  if (body) {
    try {
      const read = StoredShow.safeParse(JSON.parse(utf8.decode.decode(body)));
      if (read.success) return read.data;
    } catch {
      // Broken text is as good as none: the next put or the finaliser writes it anew.
    }
  }
  return { v: 1, show: null, recording: null };
}

/** Writes `show.json`. @throws AppError 'storage-unavailable' */
export async function writeStoredShow(storage: MediaStorage, playbackId: string, stored: StoredShow): Promise<void> {
  await storage.put(mediaKeys.show(playbackId), utf8.encode.encode(JSON.stringify(stored)), 'application/json');
}

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
