import { beforeEach, describe, expect, test } from 'vitest';
import type { Destination } from './destination.ts';
import type { DestinationStore, PushRemovals } from './destination-store.ts';

const sample = (id: string, patch: Partial<Destination> = {}): Destination => ({
  id,
  channelId: 'ch_contract',
  name: 'Elsewhere',
  kind: 'custom',
  url: 'rtmp://host/app',
  enabled: true,
  hasStreamKey: true,
  last: { state: 'idle', errorCode: null, error: null },
  version: 1,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  ...patch,
});

/** What every store of destinations must do. `make` gives empty ones in which both channels exist. */
export function describeDestinationStoreContract(
  make: (channelIds: string[]) => Promise<{ store: DestinationStore; removals: PushRemovals }>,
): void {
  describe('a store of destinations', () => {
    let store: DestinationStore;
    let removals: PushRemovals;
    beforeEach(async () => {
      ({ store, removals } = await make(['ch_contract', 'ch_other']));
    });

    test('keeps the key, and tells it only as part of the full address', async () => {
      await store.add(sample('ds_a'), 'canary-key');
      expect(JSON.stringify(await store.findOfChannel('ch_contract'))).not.toContain('canary-key');
      const [target] = await store.findTargets('ch_contract');
      expect(target?.pushUrl).toBe('rtmp://host/app/canary-key');
    });

    test('a change keeps what was not named and forgets the last outcome', async () => {
      await store.add(sample('ds_a'), 'k1');
      await store.noteOutcome('ds_a', { state: 'failed', errorCode: 'publish-rejected', error: 'No.' });
      expect((await store.get('ch_contract', 'ds_a'))?.last.state).toBe('failed');
      const edited = await store.update('ch_contract', 'ds_a', { name: 'New name' });
      expect(edited).toMatchObject({ name: 'New name', url: 'rtmp://host/app', version: 2, last: { state: 'idle' } });
      expect((await store.findTargets('ch_contract'))[0]?.pushUrl).toBe('rtmp://host/app/k1');
      await store.update('ch_contract', 'ds_a', { streamKey: 'k2', enabled: false });
      expect((await store.findTargets('ch_contract'))[0]).toMatchObject({
        pushUrl: 'rtmp://host/app/k2',
        destination: { enabled: false },
      });
    });

    test('another channel neither sees nor changes it', async () => {
      await store.add(sample('ds_a'), 'k1');
      expect(await store.get('ch_other', 'ds_a')).toBeNull();
      expect(await store.update('ch_other', 'ds_a', { name: 'Mine' })).toBeNull();
      expect(await store.remove('ch_other', 'ds_a')).toBe(false);
      expect(await store.remove('ch_contract', 'ds_a')).toBe(true);
      expect(await store.findOfChannel('ch_contract')).toEqual([]);
    });

    test('remembers pushes to be ended until they are cleared, each once', async () => {
      await removals.add('ch_contract', ['rtmp://host/app/a', 'rtmp://host/app/b']);
      await removals.add('ch_contract', ['rtmp://host/app/a']);
      expect((await removals.find('ch_contract')).sort()).toEqual(['rtmp://host/app/a', 'rtmp://host/app/b']);
      expect(await removals.find('ch_other')).toEqual([]);
      await removals.clear('ch_contract', ['rtmp://host/app/a']);
      expect(await removals.find('ch_contract')).toEqual(['rtmp://host/app/b']);
    });
  });
}
