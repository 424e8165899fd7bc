import { describeBroadcastStoreContract } from '#core/broadcast/broadcast-store.contract';
import { describeDestinationStoreContract } from '#core/destination/destination-store.contract';
import { describeInputRecordingsContract } from '#core/ingest/input-recording.contract';
import { describeSmallStoresContract } from '#core/shared/small-stores.contract';
import { describeWatchTicketsContract } from '#core/viewer/watch-ticket.contract';
import { memoryBroadcastStore } from './broadcast-store.ts';
import { memoryDestinationStore, memoryPushRemovals } from './destination-store.ts';
import { memoryInputRecordingStore } from './input-recording-store.ts';
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
describeInputRecordingsContract(async (channelIds) => memoryInputRecordingStore(channelIds));
describeSmallStoresContract(async () => ({
  streamKeys: memoryStreamKeyStore(),
  recordings: memoryRecordingStore(),
  signInLinks: memorySignInLinkStore(),
  webhookInbox: memoryWebhookInbox(Date.now),
  leases: memoryLeases(Date.now),
  embedHosts: memoryEmbedHosts(),
  ingestSettings: memoryIngestSettings(),
}));
