import type { ObjectUpload } from '#core/playback/mp4/part-sink';

/** One stored object, or one folder (key ends with `/`, size 0) of a shallow listing. */
export type StoredObject = { key: string; size: number };

/**
 * Port: the bucket of media. Keys are made by us (`mediaKeys`), never by a request.
 * Every method throws AppError 'storage-unavailable' when the store is away, hangs or refuses.
 */
export type MediaStorage = {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** The bytes, or null when there is no such object. `range`: first and last byte, both counted. */
  get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null>;
  head(key: string): Promise<StoredObject | null>;
  /** Objects under a prefix in order of key; `shallow` stops at the next `/` and gives folders instead. */
  list(prefix: string, how?: { shallow: boolean }): Promise<StoredObject[]>;
  /**
   * Begins an object that is too large for one `put`; parts of at least 5 MiB, the last one excepted. What an earlier try of the same
   * key left unfinished is removed.
   */
  upload(key: string, contentType: string): Promise<ObjectUpload>;
  /** Removing what is not there succeeds. */
  remove(keys: string[]): Promise<void>;
};
