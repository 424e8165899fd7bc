import { describeBroadcastStoreContract } from '#core/broadcast/broadcast-store.contract';
import { describeDestinationStoreContract } from '#core/destination/destination-store.contract';
import { describeSmallStoresContract } from '#core/shared/small-stores.contract';
import { describeWatchTicketsContract } from '#core/viewer/watch-ticket.contract';
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
import { memoryWatchTickets } from './watch-tickets.ts';

describeBroadcastStoreContract(async () => memoryBroadcastStore());
describeDestinationStoreContract(async () => ({ store: memoryDestinationStore(), removals: memoryPushRemovals() }));
describeWatchTicketsContract(async () => memoryWatchTickets());
describeSmallStoresContract(async () => ({
  streamKeys: memoryStreamKeyStore(),
  recordings: memoryRecordingStore(),
  signInLinks: memorySignInLinkStore(),
  webhookInbox: memoryWebhookInbox(Date.now),
  leases: memoryLeases(Date.now),
  embedHosts: memoryEmbedHosts(),
  ingestSettings: memoryIngestSettings(),
}));
