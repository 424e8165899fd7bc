import { beforeEach, describe, expect, test } from 'vitest';
import type { SignInLinkStore } from '#core/account/sign-in-link';
import type { RecordingStore } from '#core/broadcast/recording-store';
import type { EmbedHosts } from '#core/channel/embed-hosts';
import type { WebhookInbox } from '#core/egress/webhook-inbox';
import { type IngestSettingsStore, USUAL_INGEST_SETTINGS } from '#core/ingest/ingest-settings';
import type { StreamKeyStore } from '#core/ingest/stream-key';
import type { Leases } from './leases.ts';

export type SmallStores = {
  streamKeys: StreamKeyStore;
  recordings: RecordingStore;
  signInLinks: SignInLinkStore;
  webhookInbox: WebhookInbox;
  leases: Leases;
  embedHosts: EmbedHosts;
  ingestSettings: IngestSettingsStore;
};

/** What the small stores must do. `make` gives empty ones in which channels and the broadcast `br_contract` exist. */
export function describeSmallStoresContract(make: (channelIds: string[]) => Promise<SmallStores>): void {
  describe('the small stores', () => {
    let stores: SmallStores;
    beforeEach(async () => {
      stores = await make(['ch_contract', 'ch_other']);
    });

    test('a replaced stream key is nobody’s (S-11)', async () => {
      const { streamKeys } = stores;
      await streamKeys.put('ch_contract', 'live_one');
      await streamKeys.put('ch_other', 'live_other');
      expect(await streamKeys.findChannelId('live_one')).toBe('ch_contract');
      await streamKeys.put('ch_contract', 'live_two');
      expect(await streamKeys.findChannelId('live_one')).toBeNull();
      expect(await streamKeys.get('ch_contract')).toBe('live_two');
      expect(await streamKeys.findChannelId('live_other')).toBe('ch_other');
    });

    test('a wrong key is told to the channel whose mark it bears, and to nobody when two bear it', async () => {
      const { streamKeys } = stores;
      await streamKeys.put('ch_contract', 'live_contract_one');
      expect(await streamKeys.findChannelIdByMark('contract')).toBe('ch_contract');
      expect(await streamKeys.findChannelIdByMark('nobody')).toBeNull();
      await streamKeys.put('ch_other', 'live_other_one');
      expect(await streamKeys.findChannelIdByMark('')).toBeNull();
    });

    test('what a channel chose for its encoders is kept, a change leaves the rest, and the usual holds for all others', async () => {
      const { ingestSettings } = stores;
      expect(await ingestSettings.get('ch_contract')).toEqual(USUAL_INGEST_SETTINGS);
      await ingestSettings.change('ch_contract', { secondEncoder: 'refuse' });
      await ingestSettings.change('ch_contract', {});
      expect(await ingestSettings.get('ch_contract')).toEqual({ ...USUAL_INGEST_SETTINGS, secondEncoder: 'refuse' });
      expect(await ingestSettings.get('ch_other')).toEqual(USUAL_INGEST_SETTINGS);
      expect(await ingestSettings.get('ch_gone')).toEqual(USUAL_INGEST_SETTINGS);
    });

    test('hosts that may frame a player are kept by channel: null is everyone, an empty list is nobody', async () => {
      const { embedHosts } = stores;
      expect(await embedHosts.get('ch_contract')).toBeNull();
      await embedHosts.set('ch_contract', ['example.org', '*.example.org']);
      await embedHosts.set('ch_other', []);
      expect(await embedHosts.get('ch_contract')).toEqual(['example.org', '*.example.org']);
      expect(await embedHosts.get('ch_other')).toEqual([]);
      await embedHosts.set('ch_contract', null);
      expect(await embedHosts.get('ch_contract')).toBeNull();
      expect(await embedHosts.get('ch_gone')).toBeNull();
    });

    test('a recording keeps its id when it changes', async () => {
      const { recordings } = stores;
      const first = {
        id: 'rec_1',
        broadcastId: 'br_contract',
        state: 'processing',
        durationMs: 0,
        sizeBytes: 0,
        recovered: false,
        problem: null,
      } as const;
      expect(await recordings.get('br_contract')).toBeNull();
      await recordings.put(first);
      await recordings.put({ ...first, id: 'rec_2', state: 'ready', durationMs: 61_000, sizeBytes: 5_000_000_000 });
      expect(await recordings.get('br_contract')).toEqual({
        ...first,
        state: 'ready',
        durationMs: 61_000,
        sizeBytes: 5_000_000_000,
        files: null,
      });
    });

    test('the files of a recording stay when it changes, and are noted of known ones only', async () => {
      const { recordings } = stores;
      const facts = { durationMs: 1, sizeBytes: 1, recovered: false, problem: null, state: 'ready' } as const;
      const made = {
        state: 'making',
        progress: 0.25,
        mp4Bytes: null,
        audioBytes: 5_000_000_000,
        thumbnail: true,
        storyboard: false,
      } as const;
      await recordings.put({ ...facts, id: 'rec_1', broadcastId: 'br_contract' });
      await recordings.putFiles('br_contract', made);
      await recordings.put({ ...facts, id: 'rec_1', broadcastId: 'br_contract', recovered: true });
      expect(await recordings.get('br_contract')).toMatchObject({ recovered: true, files: made });
      await recordings.putFiles('br_unknown', made);
      expect(await recordings.get('br_unknown')).toBeNull();
    });

    test('a sign-in link works once, also when two come at the same moment (S-46)', async () => {
      const { signInLinks } = stores;
      const now = new Date();
      await signInLinks.add('token-a', 'user-1', new Date(now.getTime() + 60_000));
      await signInLinks.add('token-late', 'user-1', new Date(now.getTime() - 1));
      const both = await Promise.all([signInLinks.consume('token-a', now), signInLinks.consume('token-a', now)]);
      expect(both.filter((one) => one === 'user-1').length).toBe(1);
      expect(await signInLinks.consume('token-a', now)).toBeNull();
      expect(await signInLinks.consume('token-late', now)).toBeNull();
      expect(await signInLinks.consume('token-unknown', now)).toBeNull();
    });

    test('a repeated webhook is known (S-24)', async () => {
      const { webhookInbox } = stores;
      const event = { id: 'EV_contract', event: 'room_started', channelId: 'ch_contract' };
      const added = await Promise.all([webhookInbox.add(event), webhookInbox.add(event)]);
      expect(added.filter(Boolean).length).toBe(1);
      expect(await webhookInbox.get('EV_contract')).toEqual(event);
      await webhookInbox.markProcessed('EV_contract');
      await webhookInbox.prune();
      expect(await webhookInbox.add(event)).toBe(false);
    });

    test('a lease has one holder, who may renew it and give it back', async () => {
      const { leases } = stores;
      expect(await leases.take('contract', 'a', 60_000)).toBe(true);
      expect(await leases.take('contract', 'b', 60_000)).toBe(false);
      expect(await leases.take('contract', 'a', 60_000)).toBe(true);
      await leases.release('contract', 'b');
      expect(await leases.take('contract', 'b', 60_000)).toBe(false);
      await leases.release('contract', 'a');
      expect(await leases.take('contract', 'b', 60_000)).toBe(true);
    });
  });
}
