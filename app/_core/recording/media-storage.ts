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
  /** Removing what is not there succeeds. */
  remove(keys: string[]): Promise<void>;
};
