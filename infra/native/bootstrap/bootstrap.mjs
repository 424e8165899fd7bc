import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installModules, isInstalled } from './node-modules.mjs';
import { installPackages, missingPackages } from './packages.mjs';
import { StepError } from './step-error.mjs';
import { checkTools } from './tools.mjs';

/** The repository's root. */
export const REPO = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * What must be there before any package of ours can be loaded: tools, system packages, node_modules. Idempotent; does nothing
 * when everything is there.
 * @param {{ home: string, tests: boolean, progress: ReturnType<import('./progress.mjs').createProgress> }} need
 */
export async function bootstrap({ home, tests, progress }) {
  const logs = join(home, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const needsGo = ['livekit-server', 'minio'].some((name) => !existsSync(join(REPO, '.openair/bin', name)));
  await progress.step('Node.js and Go', () => checkTools({ needsGo }));
  const missing = missingPackages({ tests });
  if (missing.length > 0) {
    await progress.step(`system packages: ${missing.join(', ')}`, () =>
      installPackages(missing, join(logs, 'apt.log')),
    );
  }
  if (!isInstalled(REPO)) await progress.step('npm packages', () => installModules(REPO, join(logs, 'npm.log')));
}

/** From here on TypeScript can be imported in this process. */
export async function loadTypeScript() {
  const { register } = await import('tsx/esm/api');
  register();
}

/**
 * Whether a supervisor holds this home, without loading anything: node_modules must not be replaced under a running install.
 * The start time tells a recycled process id from the one we wrote down (proc(5), field 22 of stat).
 * @param {string} home
 */
export function isSupervised(home) {
  try {
    const { supervisor } = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8'));
    const stat = readFileSync(`/proc/${supervisor.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && fields[19] === supervisor.startTime;
  } catch {
    return false;
  }
}

/**
 * Runs a command's main function; a StepError becomes its sentence, anything else shows its stack.
 * @param {() => Promise<number>} main gives the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = 1;
    // Errors of the TypeScript side carry the same fields under the same name.
    if (error instanceof StepError || error?.name === 'StepError') {
      console.error(`\n${error.message}`);
      if (error.tail)
        console.error(
          `\n${error.tail
            .split('\n')
            .map((line) => `  | ${line}`)
            .join('\n')}`,
        );
      if (error.logFile) console.error(`\nAll of it: ${error.logFile}`);
    } else console.error(error);
  }
}
