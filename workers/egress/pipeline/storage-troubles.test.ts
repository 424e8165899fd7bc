import { beforeEach, expect, test } from 'vitest';
import type { EgressPlan } from '../plan.ts';
import { StorageTroubles } from './storage-troubles.ts';

let told: unknown[];
const events = {
  send: (message: unknown) => void told.push(message),
  ended: (...of: unknown[]) => void told.push(of),
};
const plan = { segments: null, files: [{}], images: [{}], pushes: [], websocketUrl: null } as unknown as EgressPlan;
beforeEach(() => {
  told = [];
});

test('an egress ends once each of its outputs is refused, with the first refusal in words', () => {
  const troubles = new StorageTroubles(plan, { size: 0 }, events);
  troubles.of('file 0').onRefused('The bucket is not there.');
  troubles.of('file 0').onRefused('The bucket is not there.');
  expect(told).toEqual([]);
  troubles.of('images 0').onRefused('The key is wrong.');
  expect(told).toEqual([['storage-refused', 'The bucket is not there.']]);
});

test('a destination that was added while it runs keeps it on air, one that was removed does not', () => {
  const pushes = { size: 1 };
  const troubles = new StorageTroubles({ ...plan, images: [] }, pushes, events);
  troubles.of('file 0').onRefused('The bucket is not there.');
  expect(told).toEqual([]);
  expect(troubles.problem).toBe('The bucket is not there.');
  const planned = { ...plan, images: [], pushes: [{ id: 'gone', url: 'rtmp://h/live/key' }] };
  new StorageTroubles(planned, { size: 0 }, events).of('file 0').onRefused('The bucket is not there.');
  expect(told).toEqual([['storage-refused', 'The bucket is not there.']]);
});

test('another bucket that is used is told once', () => {
  const troubles = new StorageTroubles(plan, { size: 0 }, events);
  troubles.of('file 0').onBackup();
  troubles.of('images 0').onBackup();
  expect(told).toEqual([{ t: 'backup-used' }]);
});
