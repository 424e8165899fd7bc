import { join } from 'node:path';
import type { InstallRecord } from '../install.ts';
import { appProblems } from '../settings/app-problems.ts';
import { nativeSettings } from '../settings/native-settings.ts';
import { readOverrides } from '../settings/overrides.ts';
import { renderFiles } from '../settings/render-files.ts';
import { keepSecrets } from '../settings/secrets.ts';
import { writePrivate } from '../settings/write-private.ts';

/**
 * Writes what an install is made of into its home: secrets, environment, rendered configuration, credentials; all mode 600.
 * @throws StepError that lists every wrong or missing setting
 */
export function prepareInstall(repo: string, home: string, base: number): void {
  const given = readOverrides(repo, process.env);
  const secrets = keepSecrets(home);
  const { env, values, problems } = nativeSettings(home, base, secrets, given);
  renderFiles(repo, join(home, 'config'), values, {
    development: env.NODE_ENV === 'development',
    problems: [...problems, ...appProblems(env)],
  });
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const record: InstallRecord = { repo, base, ownPostgres: !given.DATABASE_URL, ownStorage: !given.S3_ENDPOINT };
  writePrivate(join(home, 'env.json'), json(env));
  writePrivate(join(home, 'install.json'), json(record));
  writePrivate(
    join(home, 'credentials.json'),
    json({
      url: env.OPENAIR_URL,
      apiKey: env.OPENAIR_API_KEY,
      admin: { email: env.OPENAIR_ADMIN_EMAIL, password: env.OPENAIR_ADMIN_PASSWORD },
    }),
  );
}
