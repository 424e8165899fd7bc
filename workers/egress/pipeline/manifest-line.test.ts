import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EgressPlan, StoragePlan } from '../plan.ts';
import { ManifestLine } from './manifest-line.ts';
import type { Bucket } from './output/storage.ts';

const storage: StoragePlan = {
  endpoint: 'http://store.example:9000',
  region: 'us-east-1',
  bucket: 'shows',
  accessKey: 'anaccesskey',
  secretKey: 'asecretkey',
  forcePathStyle: true,
};
const AT = Date.UTC(2026, 10, 21, 9, 5, 7, 42);
let spoolFolder = '';
const objects = new Map<string, string>();
beforeEach(async () => {
  spoolFolder = await mkdtemp(join(tmpdir(), 'openair-manifest-test-'));
  objects.clear();
});
afterEach(() => rm(spoolFolder, { recursive: true, force: true }));

const bucket: Bucket = {
  put: async (key, bytes) => void objects.set(key, bytes.toString()),
  get: async () => null,
};
const plan = (presigned = false) =>
  ({
    egressId: 'EG_1',
    spoolFolder,
    manifest: { key: 'a/EG_1.json', storage, presigned, head: { egress_id: 'EG_1', room_name: 'r' } },
    segments: { storage, playlists: { full: 'a/show.m3u8', live: null } },
    files: [{ storage: { ...storage, backup: { ...storage, bucket: 'spare' } } }],
    images: [{ storage }],
  }) as unknown as EgressPlan;
const trouble = { onBackup: () => {}, onRefused: () => {} };
const open = (presigned = false) =>
  ManifestLine.open(plan(presigned), trouble, pino({ level: 'silent' }), () => bucket);

test('everything that was stored is named, with where it lies and in nanoseconds', async () => {
  const line = await open();
  line?.hear({ t: 'active', atMs: AT });
  line?.hear({ t: 'images', index: 0, count: 1, key: 'a/p_00000.jpeg', atMs: AT + 1000 });
  const file = { index: 0, key: 'a/show.mp4', bytes: 1, durationMs: 1, startedAtMs: AT, endedAtMs: AT };
  line?.hear({ t: 'file', ...file, backup: true });
  expect(await line?.write(['a/show_00000.ts'], AT + 2000)).toBe('a/EG_1.json');
  const text = objects.get('a/EG_1.json') ?? '';
  expect(text).toContain(`"started_at":${AT}000000,"ended_at":${AT + 2000}000000,`);
  expect(JSON.parse(text)).toMatchObject({
    egress_id: 'EG_1',
    room_name: 'r',
    files: [{ filename: 'a/show.mp4', location: 'http://store.example:9000/spare/a/show.mp4' }],
    playlists: [
      {
        location: 'http://store.example:9000/shows/a/show.m3u8',
        segments: [{ filename: 'a/show_00000.ts', location: 'http://store.example:9000/shows/a/show_00000.ts' }],
      },
    ],
    images: [
      {
        filename: 'a/p_00000.jpeg',
        timestamp: '2026-11-21T09:05:08.042Z',
        location: 'http://store.example:9000/shows/a/p_00000.jpeg',
      },
    ],
  });
  expect(await readdir(spoolFolder)).toEqual([]);
});

test('pictures of a process that died are in it, one that is written over each time once', async () => {
  const dead = await open();
  dead?.hear({ t: 'active', atMs: AT });
  dead?.hear({ t: 'images', index: 0, count: 1, key: 'a/live.jpeg', atMs: AT });
  dead?.hear({ t: 'images', index: 0, count: 2, key: 'a/live.jpeg', atMs: AT + 1000 });
  const notes = join(spoolFolder, 'openair-manifest-EG_1.jsonl');
  await expect.poll(() => readFile(notes, 'utf8').catch(() => '')).toContain(String(AT + 1000));
  // Killed in the middle of a line.
  await appendFile(notes, '{"index":0,"ke');
  const heir = await open();
  heir?.hear({ t: 'active', atMs: AT + 9000 });
  await heir?.write([], AT + 10_000);
  const { started_at: startedAt, images } = JSON.parse(objects.get('a/EG_1.json') ?? '');
  expect(startedAt).toBe(AT * 1e6);
  expect(images).toMatchObject([{ filename: 'a/live.jpeg', timestamp: '2026-11-21T09:05:08.042Z' }]);
});

test('where it is wished for each object has an address that opens it without a key', async () => {
  const line = await open(true);
  line?.hear({ t: 'active', atMs: AT });
  await line?.write(['a/show_00000.ts'], AT);
  const { playlists } = JSON.parse(objects.get('a/EG_1.json') ?? '');
  const [playlist] = playlists;
  for (const [{ presigned_url: url }, key] of [
    [playlist, 'show.m3u8'],
    [playlist.segments[0], 'show_00000.ts'],
  ]) {
    expect(url).toMatch(
      new RegExp(`^http://store.example:9000/shows/a/${key}\\?.*X-Amz-Expires=604800.*X-Amz-Signature=[0-9a-f]{64}`),
    );
  }
});

test('an egress that never played leaves none', async () => {
  const line = await open();
  expect(await line?.write([], AT)).toBeNull();
  expect(objects.size).toBe(0);
});
