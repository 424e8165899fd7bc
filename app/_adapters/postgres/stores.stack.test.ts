import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { describeBroadcastStoreContract, sampleBroadcast } from '#core/broadcast/broadcast-store.contract';
import { describeDestinationStoreContract } from '#core/destination/destination-store.contract';
import { describeInputRecordingsContract } from '#core/ingest/input-recording.contract';
import { describeSmallStoresContract } from '#core/shared/small-stores.contract';
import { describeWatchTicketsContract } from '#core/viewer/watch-ticket.contract';
import { makeSecretBox } from '../node/secret-box.ts';
import { postgresBroadcastStore } from './broadcast-store.ts';
import { postgresDestinationStore, postgresPushRemovals } from './destination-store.ts';
import { postgresEmbedHosts } from './embed-hosts.ts';
import { postgresIngestSettings } from './ingest-settings.ts';
import { postgresInputRecordingStore } from './input-recording-store.ts';
import { postgresLeases } from './leases.ts';
import { migrate } from './migrate.ts';
import { postgresRecordingStore } from './recording-store.ts';
import { postgresSignInLinkStore } from './sign-in-link-store.ts';
import { postgresStreamKeyStore } from './stream-key-store.ts';
import { postgresWatchTickets } from './watch-tickets.ts';
import { postgresWebhookInbox } from './webhook-inbox.ts';

/** A database of its own beside the install's, so that its records are not touched. */
const home = process.env.OPENAIR_TEST_HOME ?? '';
const url: string = JSON.parse(readFileSync(path.join(home, 'env.json'), 'utf8')).DATABASE_URL;
const name = `openair_contract_${process.pid}`;
const admin = new Pool({ connectionString: url, max: 1 });
const testUrl = new URL(url);
testUrl.pathname = `/${name}`;
const pool = new Pool({ connectionString: testUrl.href, max: 5 });
const box = makeSecretBox('a secret of the tests, 32 bytes at least');

beforeAll(async () => {
  await admin.query(`create database ${name}`);
  await migrate(pool, 'app/_adapters/postgres/migrations');
});
afterAll(async () => {
  await pool.end();
  await admin.query(`drop database ${name}`);
  await admin.end();
});

async function empty(channelIds: string[]): Promise<void> {
  await pool.query(
    'truncate channels, broadcasts, recordings, destinations, push_removals, stream_keys, sign_in_links, webhook_events, leases cascade',
  );
  for (const id of channelIds) {
    await pool.query('insert into channels (id, handle, name, owner_id) values ($1, $2, $3, $4)', [
      id,
      id.replace('_', '-'),
      id,
      'user-1',
    ]);
  }
}

describeBroadcastStoreContract(async (channelIds) => {
  await empty(channelIds);
  return postgresBroadcastStore(pool);
});
describeDestinationStoreContract(async (channelIds) => {
  await empty(channelIds);
  return { store: postgresDestinationStore(pool, box), removals: postgresPushRemovals(pool, box) };
});
describeInputRecordingsContract(async (channelIds) => {
  await empty(channelIds);
  return postgresInputRecordingStore(pool);
});
describeSmallStoresContract(async (channelIds) => {
  await empty(channelIds);
  await postgresBroadcastStore(pool).add(sampleBroadcast('br_contract'));
  return {
    streamKeys: postgresStreamKeyStore(pool, box),
    recordings: postgresRecordingStore(pool),
    signInLinks: postgresSignInLinkStore(pool),
    webhookInbox: postgresWebhookInbox(pool),
    leases: postgresLeases(pool),
    embedHosts: postgresEmbedHosts(pool),
    ingestSettings: postgresIngestSettings(pool),
  };
});
describeWatchTicketsContract(async (broadcastIds) => {
  await empty(['ch_contract']);
  for (const id of broadcastIds) await postgresBroadcastStore(pool).add(sampleBroadcast(id));
  return postgresWatchTickets(pool);
});
