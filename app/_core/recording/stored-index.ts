import { mediaKeys, StoredIndex } from '#core/playback/live-feed';
import type { MediaStorage } from './media-storage.ts';

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

/** Reads `{rendition}/index.json`; null when absent or broken. @throws AppError 'storage-unavailable' */
export async function readStoredIndex(
  storage: MediaStorage,
  playbackId: string,
  rendition: string,
): Promise<StoredIndex | null> {
  const body = await storage.get(mediaKeys.index(playbackId, rendition));
  if (!body) return null;
  try {
    return StoredIndex.safeParse(JSON.parse(utf8.decode.decode(body))).data ?? null;
  } catch {
    return null;
  }
}

/** Names of the renditions that have a folder in storage. @throws AppError 'storage-unavailable' */
export async function listStoredRenditions(storage: MediaStorage, playbackId: string): Promise<string[]> {
  const prefix = mediaKeys.prefix(playbackId);
  const found = await storage.list(prefix, { shallow: true });
  return found.flatMap(({ key }) => {
    const name = key.slice(prefix.length);
    return /^[a-z0-9-]{1,24}\/$/.test(name) ? [name.slice(0, -1)] : [];
  });
}

/** Every stored index of a show. @throws AppError 'storage-unavailable' */
export async function readStoredIndexes(storage: MediaStorage, playbackId: string): Promise<StoredIndex[]> {
  const names = await listStoredRenditions(storage, playbackId);
  const all = await Promise.all(names.map((name) => readStoredIndex(storage, playbackId, name)));
  return all.filter((index) => index !== null);
}

/** Writes `{rendition}/index.json`. @throws AppError 'storage-unavailable' */
export async function writeStoredIndex(storage: MediaStorage, playbackId: string, index: StoredIndex): Promise<void> {
  const key = mediaKeys.index(playbackId, index.rendition.id);
  await storage.put(key, utf8.encode.encode(JSON.stringify(index)), 'application/json');
}
