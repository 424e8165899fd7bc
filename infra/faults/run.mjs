import { resolve } from 'node:path';
import { bootstrap, isSupervised, loadTypeScript, REPO, runMain } from '../native/bootstrap/bootstrap.mjs';
import { createProgress } from '../native/bootstrap/progress.mjs';

/**
 * `npm run faults [-- --only NAME,NAME] [--list] [--json]`: injects faults into an install of its own (`.openair-faults`, or the one of
 * OPENAIR_TEST_HOME) and times them from a viewer's seat. Its table goes to standard output, the rest to standard error.
 */
await runMain(async () => {
  const home = resolve(REPO, process.env.OPENAIR_TEST_HOME || '.openair-faults');
  const progress = createProgress((line) => console.error(line));
  if (!isSupervised(home)) await bootstrap({ home, tests: true, progress });
  await loadTypeScript();
  const { runOnOwnInstall } = await import('./own-install.ts');
  return runOnOwnInstall({ repo: REPO, home, args: process.argv.slice(2), progress });
});
