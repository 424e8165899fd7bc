import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTypeScript, REPO, runMain } from './bootstrap/bootstrap.mjs';
import { HELP, readOptions } from './bootstrap/options.mjs';
import { StepError } from './bootstrap/step-error.mjs';

/** `npm run doctor`: see HELP.doctor. */
await runMain(async () => {
  const options = readOptions('doctor', process.argv.slice(2), { repo: REPO, home: '.openair' });
  if (options.help) {
    console.log(HELP.doctor);
    return 0;
  }
  if (!existsSync(join(REPO, 'node_modules/tsx')))
    throw new StepError('Nothing is installed here yet: npm start does it.');
  await loadTypeScript();
  const { examine } = await import('./doctor/examine.ts');
  return examine(options.home, options.json);
});
