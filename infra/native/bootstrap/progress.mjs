import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StepError } from './step-error.mjs';

const TAIL_LINES = 25;
const STILL_EVERY_MS = 20_000;

/** @param {number} ms @returns {string} `0.4 s`, `12.3 s`, `3 min 05 s` */
export function elapsed(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const s = Math.round(ms / 1000);
  return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
}

/**
 * One line a step, with the time it took; a long one says every 20 s that it is still at it.
 * @param {(line: string) => void} print
 */
export function createProgress(print) {
  const begun = Date.now();
  return {
    /** @param {string} line */
    say: (line) => print(line),
    /** @returns {string} time since the command began */
    total: () => elapsed(Date.now() - begun),
    /**
     * @template T
     * @param {string} title
     * @param {(note: (text: string) => void) => Promise<T> | T} work `note` adds a remark to the step's line
     * @returns {Promise<T>}
     */
    async step(title, work) {
      const from = Date.now();
      let remark = '';
      const still = setInterval(() => print(`  …  ${title}: ${elapsed(Date.now() - from)} so far`), STILL_EVERY_MS);
      try {
        const result = await work((text) => {
          remark = text;
        });
        print(`  ok ${title}${remark ? ` (${remark})` : ''}  ${elapsed(Date.now() - from)}`);
        return result;
      } catch (error) {
        print(`  !! ${title}  failed after ${elapsed(Date.now() - from)}`);
        throw error;
      } finally {
        clearInterval(still);
      }
    },
  };
}

/**
 * Runs a command to its end; everything it says goes to the log file, the last lines into the error.
 * @param {string} command @param {string[]} args never a secret: arguments are visible to every user
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, logFile: string, sentence: string }} how
 * @returns {Promise<void>}
 * @throws {StepError} with `sentence` when it cannot be started or ends with another code than 0
 */
export function runCommand(command, args, how) {
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
    const take = (chunk) => {
      log.write(chunk);
      tail = (tail + chunk).split('\n').slice(-TAIL_LINES).join('\n');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const fail = (why) =>
      log.end(() =>
        reject(new StepError(`${how.sentence} (${command} ${why})`, { tail: tail.trim(), logFile: how.logFile })),
      );
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, signal) =>
      code === 0 ? log.end(() => resolve()) : fail(`ended with ${signal ?? `code ${code}`}`),
    );
  });
}
