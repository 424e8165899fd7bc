import { getMigrations } from 'better-auth/db/migration';
import type { Auth } from './auth.ts';

/** Makes or completes better-auth's own tables. Call it under the migration lock's process, before ours. */
export async function migrateAuth(auth: Auth): Promise<void> {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
}
