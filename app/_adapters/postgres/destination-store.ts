import { DESTINATION_STATES, type Destination } from '#core/destination/destination';
import type { DestinationStore, PushRemovals, SecretTarget } from '#core/destination/destination-store';
import { DESTINATION_KINDS } from '#core/destination/platforms';
import { joinPushUrl } from '#core/destination/push-url';
import { run, type Sql } from './database.ts';
import type { Sealer } from './sealer.ts';

type Row = {
  id: string;
  channel_id: string;
  name: string;
  kind: string;
  url: string;
  sealed_key: string;
  enabled: boolean;
  last_state: string;
  last_error_code: string | null;
  last_error: string | null;
  version: number;
  created_at: Date;
};

const COLUMNS =
  'id, channel_id, name, kind, url, sealed_key, enabled, last_state, last_error_code, last_error, version, created_at';
const place = (id: string, channelId: string) => `destinations:${id}:${channelId}`;

/** Destinations in PostgreSQL; keys are sealed, bound to row and channel. */
export function postgresDestinationStore(sql: Sql, box: Sealer): DestinationStore {
  const sealKey = (id: string, channelId: string, key: string) =>
    key === '' ? '' : box.seal(place(id, channelId), key);
  const openKey = (row: Row) => (row.sealed_key === '' ? '' : box.open(place(row.id, row.channel_id), row.sealed_key));
  const rowsOf = async (channelId: string): Promise<Row[]> => {
    const { rows } = await run<Row>(
      sql,
      `select ${COLUMNS} from destinations where channel_id = $1 order by created_at, id`,
      [channelId],
    );
    return rows;
  };
  return {
    async add(destination, streamKey) {
      const { id, channelId, name, kind, url, enabled, createdAt } = destination;
      await run(
        sql,
        `insert into destinations (id, channel_id, name, kind, url, sealed_key, enabled, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [id, channelId, name, kind, url, sealKey(id, channelId, streamKey), enabled, createdAt],
      );
    },
    async get(channelId, id) {
      return (await rowsOf(channelId)).map(destinationOf).find((one) => one.id === id) ?? null;
    },
    async findOfChannel(channelId) {
      return (await rowsOf(channelId)).map(destinationOf);
    },
    async findTargets(channelId) {
      const rows = await rowsOf(channelId);
      return rows.map(
        (row): SecretTarget => ({ destination: destinationOf(row), pushUrl: joinPushUrl(row.url, openKey(row)) }),
      );
    },
    async update(channelId, id, { name, url, streamKey, enabled }) {
      const sealed = streamKey === undefined ? null : sealKey(id, channelId, streamKey);
      const { rows } = await run<Row>(
        sql,
        `update destinations set name = coalesce($3, name), url = coalesce($4, url),
           sealed_key = coalesce($5, sealed_key), enabled = coalesce($6, enabled), version = version + 1,
           last_state = 'idle', last_error_code = null, last_error = null
         where channel_id = $1 and id = $2 returning ${COLUMNS}`,
        [channelId, id, name ?? null, url ?? null, sealed, enabled ?? null],
      );
      return rows[0] ? destinationOf(rows[0]) : null;
    },
    async remove(channelId, id) {
      const { rowCount } = await run(sql, 'delete from destinations where channel_id = $1 and id = $2', [
        channelId,
        id,
      ]);
      return rowCount === 1;
    },
    async noteOutcome(id, { state, errorCode, error }) {
      await run(sql, 'update destinations set last_state = $2, last_error_code = $3, last_error = $4 where id = $1', [
        id,
        state,
        errorCode,
        error,
      ]);
    },
  };
}

/** Pushes to be ended, in PostgreSQL, their full addresses sealed. */
export function postgresPushRemovals(sql: Sql, box: Sealer): PushRemovals {
  const at = (channelId: string) => `push_removals:${channelId}`;
  const lookup = (url: string) => box.lookup('push-removal', url);
  return {
    async add(channelId, pushUrls) {
      for (const url of pushUrls) {
        await run(
          sql,
          'insert into push_removals (channel_id, lookup, sealed) values ($1, $2, $3) on conflict do nothing',
          [channelId, lookup(url), box.seal(at(channelId), url)],
        );
      }
    },
    async find(channelId) {
      const { rows } = await run<{ sealed: string }>(
        sql,
        'select sealed from push_removals where channel_id = $1 order by created_at',
        [channelId],
      );
      return rows.map((row) => box.open(at(channelId), row.sealed));
    },
    async clear(channelId, pushUrls) {
      await run(sql, 'delete from push_removals where channel_id = $1 and lookup = any($2)', [
        channelId,
        pushUrls.map(lookup),
      ]);
    },
  };
}

function destinationOf(row: Row): Destination {
  return {
    id: row.id,
    channelId: row.channel_id,
    name: row.name,
    kind: DESTINATION_KINDS.find((kind) => kind === row.kind) ?? 'custom',
    url: row.url,
    enabled: row.enabled,
    hasStreamKey: row.sealed_key !== '',
    last: {
      state: DESTINATION_STATES.find((state) => state === row.last_state) ?? 'idle',
      errorCode: row.last_error_code,
      error: row.last_error,
    },
    version: row.version,
    createdAt: row.created_at,
  };
}
