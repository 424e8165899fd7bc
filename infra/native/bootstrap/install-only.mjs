import { join } from 'node:path';
import { bootstrap, REPO, runMain } from './bootstrap.mjs';
import { createProgress } from './progress.mjs';

/** Tools, system packages and npm packages, and nothing started: what lint and check need on a fresh machine. */
await runMain(async () => {
  await bootstrap({
    home: join(REPO, '.openair-test'),
    tests: true,
    progress: createProgress((line) => console.log(line)),
  });
  return 0;
});
