import type { QueryResultRow } from 'pg';
import type { BroadcastPatch, BroadcastQuery, BroadcastRecord, BroadcastStore } from '#core/broadcast/broadcast-store';
import { AppError } from '#core/shared/app-error';
import { run, type Sql, violatedIndex } from './database.ts';

/** Field → column. The only names that ever become SQL. */
const COLUMN = {
  id: 'id',
  channelId: 'channel_id',
  title: 'title',
  description: 'description',
  visibility: 'visibility',
  state: 'state',
  endReason: 'end_reason',
  playbackId: 'playback_id',
  latency: 'latency',
  autoStart: 'auto_start',
  openOnSlate: 'open_on_slate',
  scene: 'scene',
  program: 'program',
  grantEpoch: 'grant_epoch',
  passwordHash: 'password_hash',
  startsAt: 'starts_at',
  startRequestedAt: 'start_requested_at',
  startedAt: 'started_at',
  interruptedAt: 'interrupted_at',
  endedAt: 'ended_at',
  egressId: 'egress_id',
  egressAttempts: 'egress_attempts',
  egressRetryAt: 'egress_retry_at',
  problem: 'problem',
  peakAudience: 'peak_audience',
  version: 'version',
  createdAt: 'created_at',
} as const satisfies Record<Exclude<keyof BroadcastRecord, 'hasRecording'>, string>;

type Field = keyof typeof COLUMN;
const FIELDS = Object.keys(COLUMN) as Field[];
const LIST = FIELDS.map((field) => `b.${COLUMN[field]} as "${field}"`).join(', ');
const SELECT = `select ${LIST}, coalesce(r.state = 'ready', false) as "hasRecording"
  from broadcasts b left join recordings r on r.broadcast_id = b.id`;

/** Broadcasts in PostgreSQL; `update` is one statement guarded by version and state. */
export function postgresBroadcastStore(sql: Sql): BroadcastStore {
  return {
    async add(broadcast) {
      const marks = FIELDS.map((_, at) => `$${at + 1}`).join(', ');
      await run(
        sql,
        `insert into broadcasts (${FIELDS.map((field) => COLUMN[field]).join(', ')}) values (${marks})`,
        FIELDS.map((field) => broadcast[field]),
      ).catch(rethrowOneAiring);
    },
    async get(id) {
      const { rows } = await run<QueryResultRow & BroadcastRecord>(sql, `${SELECT} where b.id = $1`, [id]);
      return rows[0] ?? null;
    },
    async find(query) {
      const { where, values } = conditions(query);
      const order = query.order === 'soonest' ? 'b.starts_at asc nulls last, b.id' : 'b.created_at desc, b.id';
      const { rows } = await run<QueryResultRow & BroadcastRecord>(
        sql,
        `${SELECT} ${where} order by ${order} limit $${values.length + 1}`,
        [...values, query.limit],
      );
      return rows;
    },
    async update(id, seen, patch) {
      const fields = (Object.keys(patch) as (keyof BroadcastPatch)[]).filter((field) => patch[field] !== undefined);
      const sets = fields.map((field, at) => `${COLUMN[field]} = $${at + 4}`);
      const { rows } = await run<QueryResultRow & BroadcastRecord>(
        sql,
        `with changed as (
           update broadcasts set ${[...sets, 'version = version + 1'].join(', ')}
           where id = $1 and version = $2 and state = any($3) returning *)
         select ${LIST}, coalesce(r.state = 'ready', false) as "hasRecording"
           from changed b left join recordings r on r.broadcast_id = b.id`,
        [id, seen.version, seen.from, ...fields.map((field) => patch[field])],
      ).catch(rethrowOneAiring);
      return rows[0] ?? null;
    },
  };
}

function conditions(query: BroadcastQuery): { where: string; values: unknown[] } {
  const parts: string[] = [];
  const values: unknown[] = [];
  const add = (text: string, value: unknown) => {
    values.push(value);
    parts.push(text.replace('?', `$${values.length}`));
  };
  if (query.channelId !== undefined) add('b.channel_id = ?', query.channelId);
  if (query.states !== undefined) add('b.state = any(?)', query.states);
  if (query.publicOnly) add('b.visibility = ?', 'public');
  if (query.startRequested !== undefined) {
    parts.push(`b.start_requested_at is ${query.startRequested ? 'not null' : 'null'}`);
  }
  if (query.endedAfter !== undefined) add('b.ended_at > ?', query.endedAfter);
  return { where: parts.length > 0 ? `where ${parts.join(' and ')}` : '', values };
}

function rethrowOneAiring(error: unknown): never {
  if (violatedIndex(error) === 'broadcasts_one_airing') throw oneAiring();
  throw error;
}

function oneAiring(): AppError {
  return new AppError('conflict', {
    blame: 'owner',
    retry: 'after-edit',
    message: 'Another broadcast of this channel is on air. End it first: a channel airs one at a time.',
  });
}
