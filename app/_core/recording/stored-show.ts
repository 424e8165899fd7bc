import { mediaKeys } from '#core/playback/live-feed';
import { StoredShow } from '#core/playback/show';
import type { MediaStorage } from './media-storage.ts';

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
