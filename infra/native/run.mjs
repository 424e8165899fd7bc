import { resolve } from 'node:path';
import { bootstrap, isSupervised, loadTypeScript, REPO, runMain } from './bootstrap/bootstrap.mjs';
import { HELP } from './bootstrap/options.mjs';
import { createProgress } from './bootstrap/progress.mjs';

/** Runs a TypeScript file against an install: see HELP.run. Its own output is all that goes to standard output. */
await runMain(async () => {
  const [file, ...args] = process.argv.slice(2);
  if (!file || file === '--help') {
    console.log(HELP.run);
    return file ? 0 : 1;
  }
  const home = resolve(REPO, process.env.OPENAIR_TEST_HOME || '.openair');
  const progress = createProgress((line) => console.error(line));
  if (!isSupervised(home)) await bootstrap({ home, tests: true, progress });
  await loadTypeScript();
  const { runAgainstInstall } = await import('./test/run-against-install.ts');
  return runAgainstInstall({ repo: REPO, home, file, args, progress });
});
