import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openInstall } from '../../infra/bench/lib/install.ts';

/** R-55, on a running install: somebody holds a table, and every connection of the web process waits for it. */
const { credentials, env } = openInstall();
const holder = new Client({ connectionString: env.DATABASE_URL });
/** Of its own: within a transaction PostgreSQL tells who waits as it was at the first question. */
const watcher = new Client({ connectionString: env.DATABASE_URL });
beforeAll(() => Promise.all([holder.connect(), watcher.connect()]));
afterAll(() => Promise.all([holder.end(), watcher.end()]));

const WITHIN_MS = 15_000;
const get = (path: string) =>
  fetch(`${credentials.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${credentials.apiKey}` },
    signal: AbortSignal.timeout(WITHIN_MS),
  });

test('while every connection waits for a held table health and sign-in answer, the others are told when to come back', async () => {
  await holder.query('begin');
  await holder.query('lock table channels in access exclusive mode');
  const answers: Response[] = [];
  const asked = Array.from({ length: 15 }, () => get('/channels').then((answer) => answers.push(answer)));
  try {
    const waiting = async () => {
      const { rows } = await watcher.query<{ count: number }>(
        "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock'",
      );
      return rows[0]?.count ?? 0;
    };
    await vi.waitFor(async () => expect(await waiting()).toBeGreaterThanOrEqual(10), { timeout: 8000 });
    const health = await (await fetch(`${credentials.url}/api/v1/health`)).json();
    expect(health.parts.database).toMatchObject({ ok: true });
    const signIn = await fetch(`${credentials.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: credentials.url },
      body: JSON.stringify(credentials.admin),
    });
    expect(signIn.status).toBe(200);
    await Promise.all(asked);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    for (const answer of answers) expect(answer.headers.get('retry-after')).toBe('5');
  } finally {
    await holder.query('rollback');
  }
  expect((await get('/channels')).status).toBe(200);
});
