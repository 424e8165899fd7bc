import type { StreamKeyStore } from '#core/ingest/stream-key';
import { run, type Sql } from './database.ts';
import type { Sealer } from './sealer.ts';

/** Stream keys in PostgreSQL: sealed for the owner's eyes, found by a keyed hash. */
export function postgresStreamKeyStore(sql: Sql, box: Sealer): StreamKeyStore {
  const place = (channelId: string) => `stream_keys:${channelId}`;
  const lookup = (streamKey: string) => box.lookup('stream-key', streamKey);
  return {
    async put(channelId, streamKey) {
      await run(
        sql,
        `insert into stream_keys (channel_id, lookup, sealed) values ($1, $2, $3)
         on conflict (channel_id) do update set lookup = excluded.lookup, sealed = excluded.sealed, created_at = now()`,
        [channelId, lookup(streamKey), box.seal(place(channelId), streamKey)],
      );
    },
    async get(channelId) {
      const { rows } = await run<{ sealed: string }>(sql, 'select sealed from stream_keys where channel_id = $1', [
        channelId,
      ]);
      return rows[0] ? box.open(place(channelId), rows[0].sealed) : null;
    },
    async findChannelId(streamKey) {
      const { rows } = await run<{ channel_id: string }>(sql, 'select channel_id from stream_keys where lookup = $1', [
        lookup(streamKey),
      ]);
      return rows[0]?.channel_id ?? null;
    },
    async findChannelIdByMark(mark) {
      const { rows } = await run<{ channel_id: string }>(
        sql,
        `select channel_id from stream_keys where starts_with(channel_id, 'ch_' || $1) limit 2`,
        [mark],
      );
      return rows.length === 1 ? (rows[0]?.channel_id ?? null) : null;
    },
  };
}
