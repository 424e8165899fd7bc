import type { Pool } from 'pg';
import type { SecretBox } from '#adapters/node/secret-box';
import { postgresApiKeyStore } from '#adapters/postgres/api-key-store';
import { postgresBroadcastStore } from '#adapters/postgres/broadcast-store';
import { postgresChannelStore } from '#adapters/postgres/channel-store';
import { postgresDestinationStore, postgresPushRemovals } from '#adapters/postgres/destination-store';
import { postgresEmbedHosts } from '#adapters/postgres/embed-hosts';
import { postgresIngestSettings } from '#adapters/postgres/ingest-settings';
import { postgresInputRecordingStore } from '#adapters/postgres/input-recording-store';
import { postgresLeases } from '#adapters/postgres/leases';
import { postgresRecordingStore } from '#adapters/postgres/recording-store';
import { postgresSignInLinkStore } from '#adapters/postgres/sign-in-link-store';
import { postgresStreamKeyStore } from '#adapters/postgres/stream-key-store';
import { postgresWatchTickets } from '#adapters/postgres/watch-tickets';
import { postgresWebhookInbox } from '#adapters/postgres/webhook-inbox';

/** All records, in PostgreSQL. */
export function makeStores(database: Pool, box: SecretBox) {
  return {
    channels: postgresChannelStore(database),
    embedHosts: postgresEmbedHosts(database),
    ingestSettings: postgresIngestSettings(database),
    inputRecordings: postgresInputRecordingStore(database),
    broadcasts: postgresBroadcastStore(database),
    recordings: postgresRecordingStore(database),
    destinations: postgresDestinationStore(database, box),
    pushRemovals: postgresPushRemovals(database, box),
    streamKeys: postgresStreamKeyStore(database, box),
    apiKeys: postgresApiKeyStore(database),
    signInLinks: postgresSignInLinkStore(database),
    webhookInbox: postgresWebhookInbox(database),
    leases: postgresLeases(database),
    watchTickets: postgresWatchTickets(database),
  };
}
export type Stores = ReturnType<typeof makeStores>;
