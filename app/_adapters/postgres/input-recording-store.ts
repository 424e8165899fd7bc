import { z } from 'zod';
import type { InputRecording, InputRecordingState, InputRecordingStore } from '#core/ingest/input-recording';
import { run, type Sql } from './database.ts';

type Row = {
  id: string;
  channel_id: string;
  state: InputRecordingState;
  protocol: InputRecording['protocol'];
  encoder: string;
  started_at: Date;
  duration_ms: string;
  size_bytes: string;
  samples: unknown;
  lost_ms: string;
  left_out: string[];
  recovered: boolean;
  heard_at: Date;
};
const Samples = z.record(z.string(), z.number()).catch({});

/** bigint columns arrive as text; lengths and sizes of ours fit a double exactly. */
function recordOf(row: Row): InputRecording {
  const { id, state, protocol, encoder, recovered } = row;
  return {
    ...{ id, state, protocol, encoder, recovered },
    channelId: row.channel_id,
    startedAt: row.started_at,
    durationMs: Number(row.duration_ms),
    sizeBytes: Number(row.size_bytes),
    samples: Samples.parse(row.samples),
    lostMs: Number(row.lost_ms),
    leftOut: row.left_out,
    heardAt: row.heard_at,
  };
}

/** Recordings of inputs in PostgreSQL. */
export function postgresInputRecordingStore(sql: Sql): InputRecordingStore {
  return {
    async note(id, note, heardAt) {
      const { rows } = await run<{ id: string }>(
        sql,
        `insert into input_recordings as known (id, channel_id, state, protocol, encoder, started_at, duration_ms, size_bytes, samples,
           lost_ms, left_out, heard_at)
         select $1, channels.id, 'recording', $3, $4, $5, $6, $7, $8, $9, $10, $11 from channels where channels.id = $2
         on conflict (id) do update set encoder = excluded.encoder, duration_ms = excluded.duration_ms, size_bytes = excluded.size_bytes,
           samples = excluded.samples, lost_ms = excluded.lost_ms, left_out = excluded.left_out, heard_at = excluded.heard_at
         where known.state = 'recording' and known.channel_id = excluded.channel_id
         returning id`,
        [
          ...[id, note.channelId, note.protocol, note.encoder, new Date(note.startedAtMs), note.durationMs, note.bytes],
          ...[JSON.stringify(note.samples), note.lostMs, note.leftOut, heardAt],
        ],
      );
      return rows.length > 0;
    },
    async get(id) {
      const { rows } = await run<Row>(sql, 'select * from input_recordings where id = $1', [id]);
      return rows[0] ? recordOf(rows[0]) : null;
    },
    async find(which) {
      const { rows } =
        'channelId' in which
          ? await run<Row>(
              sql,
              'select * from input_recordings where channel_id = $1 order by started_at desc, id limit 200',
              [which.channelId],
            )
          : await run<Row>(
              sql,
              'select * from input_recordings where state = any($1) order by started_at desc, id limit 200',
              [which.states],
            );
      return rows.map(recordOf);
    },
    async change(id, from, { state, durationMs, sizeBytes, recovered }) {
      const { rows } = await run<{ id: string }>(
        sql,
        `update input_recordings set state = coalesce($3, state), duration_ms = coalesce($4, duration_ms),
           size_bytes = coalesce($5, size_bytes), recovered = coalesce($6, recovered)
         where id = $1 and state = $2 returning id`,
        [id, from, state ?? null, durationMs ?? null, sizeBytes ?? null, recovered ?? null],
      );
      return rows.length > 0;
    },
    async remove(id) {
      await run(sql, 'delete from input_recordings where id = $1', [id]);
    },
  };
}
