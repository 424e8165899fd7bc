import type { InboxEvent, WebhookInbox } from '#core/egress/webhook-inbox';
import { run, type Sql } from './database.ts';

type Row = { id: string; event: string; channel_id: string | null };

/** The inbox of webhooks in PostgreSQL; the primary key knows a repeated one. */
export function postgresWebhookInbox(sql: Sql): WebhookInbox {
  return {
    async add({ id, event, channelId }) {
      const { rowCount } = await run(
        sql,
        'insert into webhook_events (id, event, channel_id) values ($1, $2, $3) on conflict (id) do nothing',
        [id, event, channelId],
      );
      return rowCount === 1;
    },
    async get(id) {
      const { rows } = await run<Row>(sql, 'select id, event, channel_id from webhook_events where id = $1', [id]);
      return rows[0] ? eventOf(rows[0]) : null;
    },
    async markProcessed(id) {
      await run(sql, 'update webhook_events set processed_at = now() where id = $1', [id]);
    },
    async findOpen(olderThanS, limit) {
      const { rows } = await run<Row>(
        sql,
        `select id, event, channel_id from webhook_events
         where processed_at is null and received_at < now() - make_interval(secs => $1) order by received_at limit $2`,
        [olderThanS, limit],
      );
      return rows.map(eventOf);
    },
    async prune() {
      await run(
        sql,
        "delete from webhook_events where processed_at is not null and received_at < now() - interval '24 hours'",
      );
    },
  };
}

function eventOf(row: Row): InboxEvent {
  return { id: row.id, event: row.event, channelId: row.channel_id };
}
