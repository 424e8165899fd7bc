import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Spool } from './spool.ts';
import { type Bucket, EPOCH_HEADER, Storage } from './storage.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openair-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('Spool', () => {
  test('gives back what it keeps, oldest first', async () => {
    const spool = new Spool(folder, 1000);
    await spool.put('a', Buffer.from('one'));
    await spool.put('b', Buffer.from('two'));
    const oldest = spool.oldest();
    expect(oldest?.key).toBe('a');
    expect(String(oldest && (await spool.read(oldest)))).toBe('one');
  });

  test('never grows over its bound: the oldest go and are named', async () => {
    const spool = new Spool(folder, 250);
    const lost: string[] = [];
    for (let index = 0; index < 10; index++) lost.push(...(await spool.put(`k${index}`, Buffer.alloc(100))));
    expect(lost).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']);
    expect(spool.bytes).toBe(200);
    expect(await readdir(folder)).toHaveLength(2);
    expect(await spool.put('huge', Buffer.alloc(300))).toContain('huge');
  });
});

describe('Storage', () => {
  test('what a process could not store is stored by its successor, in order, and what was half written is not', async () => {
    const objects: string[] = [];
    const away: Bucket = { put: () => Promise.reject(new Error('503')), get: async () => null };
    const quiet = { onStored: () => {}, onLost: () => {} };
    const dead = new Storage(away, new Spool(folder, 1e6), quiet, log);
    for (let index = 0; index < 8; index++) dead.put(`s${index}`, Buffer.from(`bytes ${index}`));
    dead.replace('index.json', Buffer.from('old'));
    expect(await dead.close('left')).toBe(8);
    await writeFile(join(folder, '000000000000000-000000000-1.obj'), Buffer.from([0, 0]));

    const back: Bucket = { put: async (key, bytes) => void objects.push(`${key} ${bytes}`), get: async () => null };
    const stored: string[] = [];
    const heir = new Storage(back, new Spool(folder, 1e6), { ...quiet, onStored: (key) => stored.push(key) }, log);
    expect((await heir.adopt()).size).toBe(8);
    expect(await heir.drain(5000)).toBe(true);
    const all = Array.from({ length: 8 }, (_, index) => `s${index} bytes ${index}`);
    expect(objects.toSorted()).toEqual(all);
    expect(stored).toHaveLength(8);
    expect(await heir.close('ended')).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  /** A bucket that keeps what it is given, with the epoch of its writer. */
  function epochBucket() {
    const objects = new Map<string, { text: string; epoch: number }>();
    const bucket: Bucket = {
      put: async (key, bytes, headers) => {
        objects.set(key, { text: String(bytes), epoch: Number(headers[EPOCH_HEADER] ?? 0) });
      },
      get: async () => null,
      epochOf: async (key) => objects.get(key)?.epoch ?? 0,
    };
    return { bucket, objects };
  }

  test('R-5: what is brought into storage late does not replace what a later writer has stored meanwhile', async () => {
    const away: Bucket = { put: () => Promise.reject(new Error('503')), get: async () => null };
    const quiet = { onStored: () => {}, onLost: () => {} };
    const ended = new Storage(away, new Spool(folder, 1e6), quiet, log);
    ended.epoch = 1;
    for (let index = 0; index < 6; index++) ended.put(`s${index}`, Buffer.from('of the first'));
    ended.replace('index.json', Buffer.from('of the first'));
    ended.replace('thumb.jpg', Buffer.from('of the first'));
    expect(await ended.close('ended')).toBe(8);

    const { bucket, objects } = epochBucket();
    await bucket.put('index.json', Buffer.from('of the second'), { [EPOCH_HEADER]: '2' });
    await bucket.put('s5', Buffer.from('of the second'), { [EPOCH_HEADER]: '2' });
    const late = new Storage(bucket, new Spool(folder, 1e6), quiet, log);
    await late.adopt();
    expect(await late.drain(5000)).toBe(true);
    const first = { text: 'of the first', epoch: 1 };
    const second = { text: 'of the second', epoch: 2 };
    expect(Object.fromEntries(objects)).toEqual({
      ...{ s0: first, s1: first, s2: first, s3: first, s4: first, s5: second },
      ...{ 'thumb.jpg': first, 'index.json': second },
    });
    await late.close('ended');
  });

  test('R-5: a writer that was frozen does not put its index over that of its successor', async () => {
    const { bucket, objects } = epochBucket();
    const storage = new Storage(bucket, new Spool(folder, 1e6), { onStored: () => {}, onLost: () => {} }, log);
    storage.epoch = 1;
    storage.replace('index.json', Buffer.from('one'));
    expect(await storage.drain(5000)).toBe(true);
    await bucket.put('index.json', Buffer.from('of the successor'), { [EPOCH_HEADER]: '2' });
    storage.replace('index.json', Buffer.from('two'));
    expect(await storage.drain(5000)).toBe(true);
    expect(objects.get('index.json')?.text).toBe('of the successor');
    await storage.close('ended');
  });

  test('nobody waits for a storage that refuses for good, and nothing is kept for it', async () => {
    const refusing: Bucket = { put: () => Promise.reject(new Error('403')), get: async () => null, refuses: true };
    const storage = new Storage(refusing, new Spool(folder, 1e6), { onStored: () => {}, onLost: () => {} }, log);
    for (let index = 0; index < 8; index++) storage.put(`s${index}`, Buffer.from('bytes'));
    expect(await storage.drain(60_000)).toBe(false);
    expect(await storage.close('ended')).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  test('R-30: at the end of a show the newest index waits on disk with the segments', async () => {
    const away: Bucket = { put: () => new Promise(() => {}), get: async () => null };
    const quiet = { onStored: () => {}, onLost: () => {} };
    const storage = new Storage(away, new Spool(folder, 1e6), quiet, log);
    for (let index = 0; index < 3; index++) storage.put(`s${index}`, Buffer.from(`bytes ${index}`));
    storage.replace('index.json', Buffer.from('last'));
    expect(await storage.drain(50)).toBe(false);
    expect(await storage.close('ended')).toBe(4);
    const spool = new Spool(folder, 1e6);
    await spool.adopt();
    expect(spool.keys().toSorted()).toEqual(['index.json', 's0', 's1', 's2']);
  });

  const log = pino({ level: 'silent' });

  test('R-12: what could not be stored is stored when the bucket is back, nothing is lost', async () => {
    let away = true;
    const objects = new Map<string, Buffer>();
    const bucket: Bucket = {
      put: async (key, bytes) => {
        if (away) throw new Error('503');
        objects.set(key, bytes);
      },
      get: async () => null,
    };
    const stored: string[] = [];
    const storage = new Storage(
      bucket,
      new Spool(folder, 1e6),
      { onStored: (key) => stored.push(key), onLost: () => {} },
      log,
    );
    for (let index = 0; index < 20; index++) storage.put(`s${index}`, Buffer.from(`bytes ${index}`));
    await vi.waitFor(() => expect(storage.troubled).toBe(true));
    away = false;
    expect(await storage.drain(10_000)).toBe(true);
    expect([...objects.keys()].sort()).toEqual(Array.from({ length: 20 }, (_, index) => `s${index}`).sort());
    expect(String(objects.get('s7'))).toBe('bytes 7');
    expect(stored).toHaveLength(20);
    await storage.close('ended');
  });

  test('of an object that changes the newest state is stored', async () => {
    const puts: string[] = [];
    const bucket: Bucket = { put: async (_key, bytes) => void puts.push(String(bytes)), get: async () => null };
    const storage = new Storage(bucket, new Spool(folder, 1e6), { onStored: () => {}, onLost: () => {} }, log);
    storage.replace('index.json', Buffer.from('1'));
    storage.replace('index.json', Buffer.from('2'));
    storage.replace('index.json', Buffer.from('3'));
    expect(await storage.drain(2000)).toBe(true);
    expect(puts.at(-1)).toBe('3');
    await storage.close('ended');
  });
});
