import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { renderFiles } from '../native/settings/render-files.ts';
import { writePrivate } from '../native/settings/write-private.ts';
import { StepError } from '../native/step-error.ts';
import { composeProblems, composeSettings } from './compose-settings.ts';

/** The `config` service of docker-compose.yml: fills the four templates into a volume, or lists what is wrong and fails. */
const FOLDER = '/config';
const files = ['livekit.yaml', 'egress.yaml', 'turnserver.conf', 'Caddyfile', 'redis.conf'];

try {
  const given = process.env;
  renderFiles(process.cwd(), FOLDER, composeSettings(given), {
    development: given.NODE_ENV === 'development',
    problems: composeProblems(given),
  });
  const redis = [
    `requirepass ${given.REDIS_PASSWORD}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
  ];
  writePrivate(join(FOLDER, 'redis.conf'), `${redis.join('\n')}\n`);
  // Each program runs as a user of its own image; the volume is mounted into those containers alone.
  for (const file of files) chmodSync(join(FOLDER, file), 0o644);
  console.log(`rendered ${files.join(', ')}`);
} catch (error) {
  console.error(error instanceof StepError ? error.message : error);
  process.exitCode = 1;
}
