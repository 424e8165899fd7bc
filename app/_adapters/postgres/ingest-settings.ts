import { type IngestSettingsStore, readIngestSettings } from '#core/ingest/ingest-settings';
import { run, type Sql } from './database.ts';

/** What channels choose for their encoders, a column of the channel in PostgreSQL. */
export function postgresIngestSettings(sql: Sql): IngestSettingsStore {
  return {
    async get(channelId) {
      type Row = { ingest_settings: unknown };
      const { rows } = await run<Row>(sql, 'select ingest_settings from channels where id = $1', [channelId]);
      return readIngestSettings(rows[0]?.ingest_settings);
    },
    async change(channelId, change) {
      const update = 'update channels set ingest_settings = ingest_settings || $2::jsonb where id = $1';
      await run(sql, update, [channelId, JSON.stringify(change)]);
    },
  };
}
