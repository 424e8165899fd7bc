import type { EmbedHosts } from '#core/channel/embed-hosts';
import { run, type Sql } from './database.ts';

/** Hosts that may frame a player, a column of the channel in PostgreSQL. */
export function postgresEmbedHosts(sql: Sql): EmbedHosts {
  return {
    async get(channelId) {
      type Row = { embed_hosts: string[] | null };
      const { rows } = await run<Row>(sql, 'select embed_hosts from channels where id = $1', [channelId]);
      return rows[0]?.embed_hosts ?? null;
    },
    async set(channelId, hosts) {
      await run(sql, 'update channels set embed_hosts = $2 where id = $1', [channelId, hosts]);
    },
  };
}
