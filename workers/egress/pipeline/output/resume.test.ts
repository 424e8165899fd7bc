import { expect, test } from 'vitest';
import { readStoredIndexes } from './resume.ts';

test('a show of many hours is gone on with from what storage knows of it', async () => {
  const hours = 12;
  const segments = Array.from({ length: hours * 3600 }, (_, m) => ({
    m,
    e: m < 100 ? 1 : 4,
    d: 90_000,
    w: 5_000 + m * 1000,
    x: false,
    s: 1,
  }));
  const storage = {
    get: async (key: string) => {
      const id = key.split('/').at(-2) ?? '';
      const rendition = { id, kind: 'video', codecs: 'avc1.4d401f', bandwidth: 1 };
      return Buffer.from(JSON.stringify({ v: 1, rendition, ended: false, segments }));
    },
  };
  const found = await readStoredIndexes(storage, 'media/pb_1/', ['1080p', '720p', '360p', 'audio']);
  expect(found.epoch).toBe(4);
  expect(found.earlier).toMatchObject({
    startedAtMs: 5_000,
    lastMsn: hours * 3600 - 1,
    lastEndMs: 5_000 + hours * 3_600_000,
  });
});

test('a storage that has nothing, or cannot be read, tells of no earlier writer', async () => {
  const nothing = { epoch: 0, earlier: null };
  expect(await readStoredIndexes({ get: async () => null }, 'media/pb_1/', ['720p'])).toEqual(nothing);
  const away = { get: () => Promise.reject(new Error('503')) };
  expect(await readStoredIndexes(away, 'media/pb_1/', ['720p'])).toEqual(nothing);
});
