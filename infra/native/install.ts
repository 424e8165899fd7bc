import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ports, portsFrom } from './settings/ports.ts';
import type { Secrets } from './settings/secrets.ts';
import { StepError } from './step-error.ts';

/** One install as it was prepared in its home: everything the supervisor, the doctor and the tests need to know. */
export type Install = {
  repo: string;
  home: string;
  base: number;
  ports: Ports;
  env: Record<string, string>;
  secrets: Secrets;
  /** Run by us, or somebody else's (DATABASE_URL, S3_ENDPOINT were set). */
  ownPostgres: boolean;
  ownStorage: boolean;
};

/** What of it is kept in HOME/install.json. */
export type InstallRecord = { repo: string; base: number; ownPostgres: boolean; ownStorage: boolean };

/** @returns null when this home was never prepared */
export function readInstallRecord(home: string): InstallRecord | null {
  const file = join(home, 'install.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** @throws StepError when the home is not there or not whole */
export function readInstall(home: string): Install {
  const record = readInstallRecord(home);
  if (!record) throw new StepError(`There is no install in ${home}: npm start makes one.`);
  const read = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8'));
  return { ...record, home, ports: portsFrom(record.base), env: read('env.json'), secrets: read('secrets.json') };
}
