import { REPO, runMain } from './bootstrap.mjs';
import { installModules } from './node-modules.mjs';

/** The npm packages alone: the image's first stage. */
await runMain(async () => {
  await installModules(REPO, '/tmp/npm.log');
  return 0;
});
