import { createHash } from 'node:crypto';
import type { Claim, WatchTicket, WatchTickets } from '#core/viewer/watch-ticket';
import { run, type Sql } from './database.ts';

const FIELDS = `id, broadcast_id as "broadcastId", label, created_at as "createdAt", claimed_at as "claimedAt",
  revoked_at as "revokedAt"`;
const hash = (holder: string) => createHash('sha256').update(holder).digest();

/** Tickets in PostgreSQL; a claim is a single statement. */
export function postgresWatchTickets(sql: Sql): WatchTickets {
  const first = async (text: string, values: unknown[]) => (await run<WatchTicket>(sql, text, values)).rows[0] ?? null;
  return {
    async add(tickets) {
      await run(
        sql,
        `insert into watch_tickets (id, broadcast_id, label, created_at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])`,
        [
          tickets.map(({ id }) => id),
          tickets.map(({ broadcastId }) => broadcastId),
          tickets.map(({ label }) => label),
          tickets.map(({ createdAt }) => createdAt),
        ],
      );
    },
    async find(broadcastId) {
      const text = `select ${FIELDS} from watch_tickets where broadcast_id = $1 order by created_at, id`;
      return (await run<WatchTicket>(sql, text, [broadcastId])).rows;
    },
    get: (id) => first(`select ${FIELDS} from watch_tickets where id = $1`, [id]),
    async claim(id, holder, now) {
      await run(
        sql,
        'update watch_tickets set claimed_at = $3, holder = $2 where id = $1 and holder is null and revoked_at is null',
        [id, hash(holder), now],
      );
      const { rows } = await run<{ claim: Claim }>(
        sql,
        `select case when revoked_at is not null then 'revoked' when holder = $2 then 'yours' else 'taken' end as claim
         from watch_tickets where id = $1`,
        [id, hash(holder)],
      );
      return rows[0]?.claim ?? 'unknown';
    },
    revoke: (broadcastId, id, now) =>
      first(
        `update watch_tickets set revoked_at = coalesce(revoked_at, $3) where id = $2 and broadcast_id = $1
         returning ${FIELDS}`,
        [broadcastId, id, now],
      ),
  };
}
