import { spawn } from 'node:child_process';
import type { Progress } from '../start/progress.ts';
import { startInstall } from '../start/start-install.ts';
import { stopInstall } from '../stop/stop-install.ts';
import { runningState } from '../supervise/state-file.ts';

type Run = { repo: string; home: string; file: string; args: string[]; progress: Progress };

/**
 * Runs a TypeScript file with OPENAIR_TEST_HOME set, against the install that runs from `home`, or one that is started for it and
 * ended after it.
 * @returns the file's exit code
 */
export async function runAgainstInstall({ repo, home, file, args, progress }: Run): Promise<number> {
  const reused = runningState(home) !== null;
  if (!reused) {
    const options = { home, port: null, detach: true, json: false, supervise: false };
    await startInstall({ repo, options, progress });
  }
  try {
    const env = { ...process.env, OPENAIR_TEST_HOME: home };
    return await inForeground(process.execPath, ['--import', 'tsx', file, ...args], repo, env);
  } finally {
    if (!reused) await stopInstall(home, progress.say);
  }
}

/** Runs a command on our own terminal; Ctrl-C reaches it, and we wait for its end. @returns its exit code */
export function inForeground(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  return new Promise<number>((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, name) => resolve(code ?? (name === 'SIGINT' ? 130 : 1)));
  }).finally(() => process.off('SIGINT', ignore));
}
