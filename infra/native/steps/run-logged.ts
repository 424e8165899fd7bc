import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StepError } from '../step-error.ts';

const TAIL_LINES = 25;

export type LoggedRun = { cwd?: string; env?: NodeJS.ProcessEnv; logFile: string; sentence: string };

/**
 * Runs a command to its end; everything it says goes to the log file, the last lines into the error.
 * @param args never a secret: arguments are visible to every user
 * @throws StepError with `sentence` when it cannot be started or ends with another code than 0
 */
export function runLogged(command: string, args: string[], how: LoggedRun): Promise<void> {
  mkdirSync(dirname(how.logFile), { recursive: true });
  const log = createWriteStream(how.logFile, { flags: 'a', mode: 0o600 });
  log.write(`$ ${command} ${args.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: how.cwd,
      env: how.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let tail = '';
    const take = (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString()).split('\n').slice(-TAIL_LINES).join('\n');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const fail = (why: string) =>
      log.end(() =>
        reject(new StepError(`${how.sentence} (${command} ${why})`, { tail: tail.trim(), logFile: how.logFile })),
      );
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, name) =>
      code === 0 ? log.end(() => resolve()) : fail(`ended with ${name ?? `code ${code}`}`),
    );
  });
}
