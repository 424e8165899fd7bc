import { describe, expect, test } from 'vitest';
import type { MediaStorage } from './media-storage.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const plain = (found: Uint8Array | null) => (found ? [...found] : null);

/** What every media store does. @param make an empty store, or one where `prefix` is unused */
export function describeMediaStorageContract(
  name: string,
  make: () => { storage: MediaStorage; prefix: string },
): void {
  describe(`${name} keeps the contract of media storage`, () => {
    test('what was put is got back, and putting again replaces it', async () => {
      const { storage, prefix } = make();
      await storage.put(`${prefix}a/1.m4s`, bytes(1, 2, 3), 'video/mp4');
      expect(plain(await storage.get(`${prefix}a/1.m4s`))).toEqual([1, 2, 3]);
      await storage.put(`${prefix}a/1.m4s`, bytes(9), 'video/mp4');
      expect(plain(await storage.get(`${prefix}a/1.m4s`))).toEqual([9]);
    });

    test('a range has its first and its last byte', async () => {
      const { storage, prefix } = make();
      await storage.put(`${prefix}r`, bytes(0, 1, 2, 3, 4), 'video/mp4');
      expect(plain(await storage.get(`${prefix}r`, { start: 1, end: 3 }))).toEqual([1, 2, 3]);
    });

    test('what is absent is null, to get and to head, and removing it succeeds', async () => {
      const { storage, prefix } = make();
      expect(await storage.get(`${prefix}none`)).toBeNull();
      expect(await storage.head(`${prefix}none`)).toBeNull();
      await storage.remove([`${prefix}none`]);
    });

    test('head gives the size', async () => {
      const { storage, prefix } = make();
      await storage.put(`${prefix}h`, bytes(1, 2, 3, 4), 'video/mp4');
      expect(await storage.head(`${prefix}h`)).toEqual({ key: `${prefix}h`, size: 4 });
    });

    test('a deep listing has every object, a shallow one folders', async () => {
      const { storage, prefix } = make();
      for (const key of ['show.json', 'audio/0.m4s', 'audio/1.m4s', '720p/0.m4s']) {
        await storage.put(`${prefix}${key}`, bytes(7, 7), 'video/mp4');
      }
      const deep = await storage.list(prefix);
      expect(deep.map(({ key }) => key.slice(prefix.length)).sort()).toEqual(
        ['720p/0.m4s', 'audio/0.m4s', 'audio/1.m4s', 'show.json'].sort(),
      );
      expect(deep.every(({ size }) => size === 2)).toBe(true);
      const shallow = await storage.list(prefix, { shallow: true });
      expect(shallow.map(({ key }) => key.slice(prefix.length)).sort()).toEqual(['720p/', 'audio/', 'show.json']);
    });

    test('an object uploaded in parts, in any order, is there when it is complete', async () => {
      const { storage, prefix } = make();
      const [long, last] = [new Uint8Array(5 * 1024 * 1024).fill(1), bytes(2, 2)];
      const upload = await storage.upload(`${prefix}parts.mp4`, 'video/mp4');
      await upload.part(2, last);
      await upload.part(1, long);
      expect(await storage.head(`${prefix}parts.mp4`)).toBeNull();
      await upload.complete();
      expect(await storage.head(`${prefix}parts.mp4`)).toMatchObject({ size: long.length + 2 });
      const range = { start: long.length - 1, end: long.length + 1 };
      expect(plain(await storage.get(`${prefix}parts.mp4`, range))).toEqual([1, 2, 2]);
    });

    test('an upload that was given up or begun anew leaves nothing', async () => {
      const { storage, prefix } = make();
      const given = await storage.upload(`${prefix}given-up.mp4`, 'video/mp4');
      await given.part(1, bytes(1));
      await given.abort();
      await given.abort();
      const stale = await storage.upload(`${prefix}given-up.mp4`, 'video/mp4');
      await stale.part(1, bytes(1));
      const fresh = await storage.upload(`${prefix}given-up.mp4`, 'video/mp4');
      await expect(stale.complete()).rejects.toMatchObject({ code: 'storage-unavailable' });
      await fresh.part(1, bytes(3));
      await fresh.complete();
      expect(plain(await storage.get(`${prefix}given-up.mp4`))).toEqual([3]);
    });

    test('what was removed is gone, and nothing else', async () => {
      const { storage, prefix } = make();
      await storage.put(`${prefix}1`, bytes(1), 'video/mp4');
      await storage.put(`${prefix}2`, bytes(2), 'video/mp4');
      await storage.remove([`${prefix}1`]);
      expect((await storage.list(prefix)).map(({ key }) => key)).toEqual([`${prefix}2`]);
    });
  });
}
