import type { ObjectUpload } from '#core/playback/mp4/part-sink';
import type { MediaStorage } from '#core/recording/media-storage';
import { AppError } from '#core/shared/app-error';

/** Media in memory; `away` makes every call fail as a store does that is out of reach. */
export type MemoryMediaStorage = MediaStorage & {
  away: boolean;
  calls: number;
  readonly objects: Map<string, Uint8Array>;
};

export function createMemoryMediaStorage(): MemoryMediaStorage {
  const objects = new Map<string, Uint8Array>();
  function asked<T>(answer: () => T): Promise<T> {
    storage.calls++;
    if (storage.away)
      return Promise.reject(new AppError('storage-unavailable', { blame: 'operator', retry: 'with-back-off' }));
    return Promise.resolve().then(answer);
  }
  const uploads = new Map<string, ObjectUpload>();
  function begin(key: string): ObjectUpload {
    const parts = new Map<number, Uint8Array>();
    const gone = () => new AppError('storage-unavailable', { blame: 'operator', retry: 'with-back-off' });
    const upload: ObjectUpload = {
      part: (number, body) => asked(() => void parts.set(number, Uint8Array.from(body))),
      complete: () =>
        asked(() => {
          if (uploads.get(key) !== upload) throw gone();
          uploads.delete(key);
          const sorted = [...parts].sort(([a], [b]) => a - b);
          objects.set(key, Uint8Array.from(Buffer.concat(sorted.map(([, body]) => body))));
        }),
      abort: () => asked(() => void (uploads.get(key) === upload && uploads.delete(key))),
    };
    uploads.set(key, upload);
    return upload;
  }
  const storage: MemoryMediaStorage = {
    away: false,
    calls: 0,
    objects,
    put: (key, body) => asked(() => void objects.set(key, Uint8Array.from(body))),
    get: (key, range) =>
      asked(() => {
        const body = objects.get(key);
        return (range ? body?.subarray(range.start, range.end + 1) : body) ?? null;
      }),
    head: (key) =>
      asked(() => {
        const body = objects.get(key);
        return body ? { key, size: body.byteLength } : null;
      }),
    list: (prefix, how) =>
      asked(() => {
        const found = new Map<string, number>();
        for (const [key, body] of objects) {
          if (!key.startsWith(prefix)) continue;
          const slash = how?.shallow ? key.indexOf('/', prefix.length) : -1;
          if (slash < 0) found.set(key, body.byteLength);
          else found.set(key.slice(0, slash + 1), 0);
        }
        return [...found].map(([key, size]) => ({ key, size })).sort((a, b) => (a.key < b.key ? -1 : 1));
      }),
    upload: (key) => asked(() => begin(key)),
    remove: (keys) =>
      asked(() => {
        for (const key of keys) objects.delete(key);
      }),
  };
  return storage;
}
