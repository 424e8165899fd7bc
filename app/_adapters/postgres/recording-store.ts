import { RecordingFiles, type RecordingRecord, type RecordingStore } from '#core/broadcast/recording-store';
import { run, type Sql } from './database.ts';

type Row = {
  id: string;
  broadcast_id: string;
  state: RecordingRecord['state'];
  duration_ms: string;
  size_bytes: string;
  recovered: boolean;
  problem: string | null;
  files: unknown;
};

/** Recordings in PostgreSQL. */
export function postgresRecordingStore(sql: Sql): RecordingStore {
  return {
    async get(broadcastId) {
      const { rows } = await run<Row>(
        sql,
        `select id, broadcast_id, state, duration_ms, size_bytes, recovered, problem, files
         from recordings where broadcast_id = $1`,
        [broadcastId],
      );
      const row = rows[0];
      if (!row) return null;
      // bigint columns arrive as text; lengths and sizes of ours fit a double exactly.
      const { id, broadcast_id, state, duration_ms, size_bytes, recovered, problem, files } = row;
      return {
        id,
        broadcastId: broadcast_id,
        state,
        durationMs: Number(duration_ms),
        sizeBytes: Number(size_bytes),
        recovered,
        problem,
        files: RecordingFiles.nullable().catch(null).parse(files),
      };
    },
    async put({ id, broadcastId, state, durationMs, sizeBytes, recovered, problem }) {
      await run(
        sql,
        `insert into recordings (broadcast_id, id, state, duration_ms, size_bytes, recovered, problem)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (broadcast_id) do update set state = excluded.state, duration_ms = excluded.duration_ms,
           size_bytes = excluded.size_bytes, recovered = excluded.recovered, problem = excluded.problem, updated_at = now()`,
        [broadcastId, id, state, Math.round(durationMs), Math.round(sizeBytes), recovered, problem],
      );
    },
    async putFiles(broadcastId, files) {
      await run(sql, 'update recordings set files = $2, updated_at = now() where broadcast_id = $1', [
        broadcastId,
        JSON.stringify(files),
      ]);
    },
  };
}
