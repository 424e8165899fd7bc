import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SPOOL_NOTE, SPOOL_PURPOSE, type SpoolNote, spoolFolderOf } from '../late-upload.ts';
import { seal } from '../sealed.ts';
import { type LateUploads, watchLateUploads } from './late-uploads.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const noteOf = (egressId: string): SpoolNote => ({
  egressId,
  playbackId: 'pb_1',
  storage: { endpoint: 'http://s', region: 'r', bucket: 'b', accessKey: 'a', secretKey: 'k', forcePathStyle: true },
});

let root = '';
let watchers: LateUploads[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'openair-test-'));
  watchers = [];
});
afterEach(async () => {
  for (const watcher of watchers) watcher.stop();
  await rm(root, { recursive: true, force: true });
});

/** A folder as an egress leaves it, some seconds ago. */
async function leave(egressId: string, secret = SECRET): Promise<string> {
  const folder = spoolFolderOf(root, egressId);
  await mkdir(folder);
  await writeFile(join(folder, SPOOL_NOTE), seal(secret, SPOOL_PURPOSE, noteOf(egressId)));
  await age(folder, 10);
  return folder;
}
const age = (path: string, seconds: number) => utimes(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);

function worker(workerId: string, has: { running?: string[]; dead?: string[] } = {}) {
  const jobs: { egressId: string; waiting(count: number): void; done(): void }[] = [];
  const watcher = watchLateUploads({
    root,
    secret: SECRET,
    workerId,
    isKnownDead: (other) => has.dead?.includes(other) ?? false,
    runningAnywhere: async () => new Set(has.running),
    start: ({ note }, events) => {
      jobs.push({ egressId: note.egressId, ...events });
      return { kill: () => undefined };
    },
    log: quiet,
  });
  watchers.push(watcher);
  return { ...watcher, jobs, started: () => jobs.map(({ egressId }) => egressId) };
}

test('R-30: what an ended egress left is stored by one worker; what runs, is young or is another installation’s stays', async () => {
  const folder = await leave('EG_ended');
  await leave('EG_running');
  await leave('EG_foreign', 'another installation’s secret');
  await mkdir(spoolFolderOf(root, 'EG_young'));
  const [a, b] = [worker('a', { running: ['EG_running'] }), worker('b', { running: ['EG_running'] })];
  await Promise.all([a.scan(), b.scan()]);
  expect([...a.started(), ...b.started()]).toEqual(['EG_ended']);
  const holder = a.jobs.length > 0 ? a : b;
  holder.jobs[0]?.waiting(12);
  expect(holder.waiting()).toBe(12);
  await age(folder, 10);
  await Promise.all([a.scan(), b.scan()]);
  expect(a.jobs.length + b.jobs.length).toBe(1);
  holder.jobs[0]?.done();
  await expect.poll(() => existsSync(join(folder, 'lock'))).toBe(false);
  expect(holder.waiting()).toBe(0);
});

test('the folder of a worker that died goes to the next, at once when its death is known, else when its lock grows old', async () => {
  const folder = await leave('EG_1');
  await worker('dead').scan();
  await age(folder, 10);
  const stranger = worker('stranger');
  await stranger.scan();
  expect(stranger.started()).toEqual([]);
  await age(join(folder, 'lock'), 120);
  await age(folder, 10);
  await stranger.scan();
  expect(stranger.started()).toEqual(['EG_1']);
  await age(folder, 10);
  const beside = worker('beside', { dead: ['stranger'] });
  await beside.scan();
  expect(beside.started()).toEqual(['EG_1']);
});
