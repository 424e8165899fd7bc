import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Pool } from 'pg';

/** Any number, the same in all our processes: only one of them migrates at a time. */
const LOCK = 7_202_611;
const PATIENCE_MS = 24 * 3_600_000;

type Query = (text: string, values?: unknown[]) => Promise<{ rows: { name: string }[] }>;

/**
 * Applies `NNNN_name.sql` of a folder in order, each once, each in a transaction of its own, under an advisory lock.
 * @returns names applied now
 * @throws the database's error, with the file's name in the message
 */
export async function migrate(pool: Pool, folder: string): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    // A large table, or another process that migrates: neither is a database that hangs.
    const query: Query = (text, values) => {
      const patient = { text, values, query_timeout: PATIENCE_MS };
      return client.query(patient);
    };
    await query('select pg_advisory_lock($1)', [LOCK]);
    try {
      return await applyMissing({ query }, folder);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [LOCK]);
      await client.query('reset statement_timeout');
    }
  } finally {
    client.release();
  }
}

async function applyMissing(client: { query: Query }, folder: string): Promise<string[]> {
  await client.query(
    'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
  );
  const done = new Set((await client.query('select name from migrations')).rows.map((row) => row.name));
  const files = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  const applied: string[] = [];
  for (const name of files.filter((one) => !done.has(one))) {
    const text = await readFile(path.join(folder, name), 'utf8');
    try {
      await client.query('begin');
      await client.query(text);
      await client.query('insert into migrations (name) values ($1)', [name]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
    applied.push(name);
  }
  return applied;
}
