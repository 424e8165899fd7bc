import { bootstrap, loadTypeScript, REPO, runMain } from './bootstrap/bootstrap.mjs';
import { HELP, readOptions } from './bootstrap/options.mjs';
import { createProgress } from './bootstrap/progress.mjs';

/** `npm test`: see HELP.test. */
await runMain(async () => {
  const options = readOptions('test', process.argv.slice(2), { repo: REPO, home: '.openair-test' });
  if (options.help) {
    console.log(HELP.test);
    return 0;
  }
  const progress = createProgress((line) => console.log(line));
  await bootstrap({ home: options.home, tests: true, progress });
  await loadTypeScript();
  const { runTests } = await import('./test/run-tests.ts');
  return runTests({ repo: REPO, options, progress });
});
