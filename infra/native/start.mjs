import { bootstrap, isSupervised, loadTypeScript, REPO, runMain } from './bootstrap/bootstrap.mjs';
import { HELP, readOptions } from './bootstrap/options.mjs';
import { createProgress } from './bootstrap/progress.mjs';

/** `npm start`: see HELP.start. Plain JavaScript and node: modules only, until the npm packages are there. */
await runMain(async () => {
  const options = readOptions('start', process.argv.slice(2), { repo: REPO, home: '.openair' });
  if (options.help) {
    console.log(HELP.start);
    return 0;
  }
  const progress = createProgress((line) => (options.json ? console.error(line) : console.log(line)));
  if (!options.supervise && !isSupervised(options.home)) {
    progress.say(`Openair, home ${options.home}`);
    await bootstrap({ home: options.home, tests: false, progress });
  }
  await loadTypeScript();
  const { startInstall } = await import('./start/start-install.ts');
  return startInstall({ repo: REPO, options, progress });
});
