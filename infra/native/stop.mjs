import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTypeScript, REPO, runMain } from './bootstrap/bootstrap.mjs';
import { HELP, readOptions } from './bootstrap/options.mjs';

/** `npm stop`: see HELP.stop. */
await runMain(async () => {
  const options = readOptions('stop', process.argv.slice(2), { repo: REPO, home: '.openair' });
  if (options.help) {
    console.log(HELP.stop);
    return 0;
  }
  if (!existsSync(join(REPO, 'node_modules/tsx'))) {
    console.log('Nothing is installed here, so nothing of it runs.');
    return 0;
  }
  await loadTypeScript();
  const { stopInstall } = await import('./stop/stop-install.ts');
  return stopInstall(options.home, (line) => console.log(line));
});
