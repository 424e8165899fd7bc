import { describeBroadcastStoreContract } from '#core/broadcast/broadcast-store.contract';
import { describeDestinationStoreContract } from '#core/destination/destination-store.contract';
import { describeSmallStoresContract } from '#core/shared/small-stores.contract';
import { memoryBroadcastStore } from './broadcast-store.ts';
import { memoryDestinationStore, memoryPushRemovals } from './destination-store.ts';
import {
  memoryEmbedHosts,
  memoryIngestSettings,
  memoryLeases,
  memoryRecordingStore,
  memorySignInLinkStore,
  memoryStreamKeyStore,
  memoryWebhookInbox,
} from './small-stores.ts';

describeBroadcastStoreContract(async () => memoryBroadcastStore());
describeDestinationStoreContract(async () => ({ store: memoryDestinationStore(), removals: memoryPushRemovals() }));
describeSmallStoresContract(async () => ({
  streamKeys: memoryStreamKeyStore(),
  recordings: memoryRecordingStore(),
  signInLinks: memorySignInLinkStore(),
  webhookInbox: memoryWebhookInbox(Date.now),
  leases: memoryLeases(Date.now),
  embedHosts: memoryEmbedHosts(),
  ingestSettings: memoryIngestSettings(),
}));
