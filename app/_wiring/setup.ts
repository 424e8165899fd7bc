import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateAuth } from '#adapters/better-auth/migrate-auth';
import { migrate } from '#adapters/postgres/migrate';
import { env } from './env.ts';
import { buildServices, type Services } from './services.ts';

const MIGRATIONS = path.join(path.dirname(fileURLToPath(import.meta.url)), '../_adapters/postgres/migrations');

/**
 * Run once before our processes start: tables, bucket, the admin's account, the install's API key. Everything in it may run
 * again at each start.
 */
export async function setUp(services: Services): Promise<void> {
  const { env, log } = services;
  await migrateAuth(services.auth());
  const applied = await migrate(services.connections.database, MIGRATIONS);
  log.info({ applied }, 'the tables are up to date');
  await services.storage.ensureBucket();
  await makeAdmin(services);
  log.info({ url: env.OPENAIR_URL }, 'set up');
}

/** The first admin and the install's key; both come from the environment, so that no default secret exists. */
async function makeAdmin({ env, log, signIn, stores, ids, clock }: Services): Promise<void> {
  const known = await signIn.adminId();
  if (!known && !env.OPENAIR_ADMIN_PASSWORD) {
    log.warn({}, 'no admin account was made: OPENAIR_ADMIN_PASSWORD is not set');
    return;
  }
  const userId =
    known ??
    (await signIn.ensureUser({
      email: env.OPENAIR_ADMIN_EMAIL,
      password: env.OPENAIR_ADMIN_PASSWORD ?? '',
      name: 'Admin',
      isAdmin: true,
    }));
  if (!env.OPENAIR_API_KEY) return;
  await stores.apiKeys.put(
    {
      id: ids.make('key'),
      userId,
      name: 'Install',
      prefix: env.OPENAIR_API_KEY.slice(0, 8),
      createdAt: clock.now(),
      lastUsedAt: null,
      expiresAt: null,
      revokedAt: null,
    },
    env.OPENAIR_API_KEY,
  );
}

const isMain = process.argv[1] !== undefined && fileURLToPath(import.meta.url) === path.resolve(process.argv[1]);
if (isMain) {
  try {
    const services = buildServices(env(), { name: 'setup' });
    try {
      await setUp(services);
    } finally {
      await services.close();
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
