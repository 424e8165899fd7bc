import { expect, test } from 'vitest';
import type { StoragePlan } from '../../plan.ts';
import { openPlanBucket } from './plan-bucket.ts';
import type { Bucket } from './storage.ts';

const PLAN: StoragePlan = {
  endpoint: 'http://store.example:9000',
  region: 'us-east-1',
  bucket: 'shows',
  accessKey: 'accesskey',
  secretKey: 'secretkey',
  forcePathStyle: true,
};
const failure = (code: string) => Object.assign(new Error(`answered ${code}`), { code });

/** Two stores in memory, either of which can be made to fail. */
function setUp(backup: boolean) {
  const stores = new Map<string, Map<string, string>>([
    ['shows', new Map()],
    ['spare', new Map()],
  ]);
  const trouble: Record<string, Error> = {};
  const told: string[] = [];
  const clock = { ms: 0 };
  const open = ({ bucket }: StoragePlan): Bucket => ({
    async put(key, bytes) {
      if (trouble[bucket]) throw trouble[bucket];
      stores.get(bucket)?.set(key, bytes.toString());
    },
    async get(key) {
      if (trouble[bucket]) throw trouble[bucket];
      const text = stores.get(bucket)?.get(key);
      return text === undefined ? null : Buffer.from(text);
    },
  });
  const plan = backup ? { ...PLAN, backup: { ...PLAN, bucket: 'spare' } } : PLAN;
  const events = { onBackup: () => void told.push('backup'), onRefused: (why: string) => void told.push(why) };
  const bucket = openPlanBucket(plan, events, open, () => clock.ms);
  const put = (key: string) => bucket.put(key, Buffer.from(key), {});
  const kept = (name: string) => [...(stores.get(name)?.keys() ?? [])];
  return { bucket, put, kept, trouble, told, clock };
}

test('a bucket that is not there is told once, in words without a key', async () => {
  const { bucket, put, trouble, told } = setUp(false);
  trouble.shows = failure('NoSuchBucket');
  await expect(put('a')).rejects.toThrow();
  await expect(put('b')).rejects.toThrow();
  expect(bucket.refuses).toBe(true);
  expect(told).toEqual([
    'The bucket "shows" does not exist. (store.example:9000 answered NoSuchBucket.) Correct the storage settings of the request or of egress.yaml.',
  ]);
});

test('a storage that is away, or one that took something before, is not said to refuse', async () => {
  const { put, trouble, told } = setUp(false);
  trouble.shows = failure('ECONNREFUSED');
  await expect(put('a')).rejects.toThrow();
  delete trouble.shows;
  await put('a');
  trouble.shows = failure('AccessDenied');
  await expect(put('b')).rejects.toThrow();
  expect(told).toEqual([]);
});

test('what storage does not take goes to the backup, and after a rest the storage is tried again', async () => {
  const { bucket, put, kept, trouble, told, clock } = setUp(true);
  trouble.shows = failure('InvalidAccessKeyId');
  await put('a');
  delete trouble.shows;
  await put('b');
  clock.ms = 10_000;
  await put('c');
  expect([kept('shows'), kept('spare'), told]).toEqual([['c'], ['a', 'b'], ['backup', 'backup']]);
  expect(String(await bucket.get('a'))).toBe('a');
  trouble.shows = failure('ECONNREFUSED');
  trouble.spare = failure('ECONNREFUSED');
  await expect(put('d')).rejects.toThrow('ECONNREFUSED');
});
