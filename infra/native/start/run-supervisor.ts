import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readInstall } from '../install.ts';
import { partsOf } from '../parts/parts-of.ts';
import { StepError } from '../step-error.ts';
import { tryLock } from '../steps/locked.ts';
import { describeChange } from '../supervise/describe.ts';
import type { PartStatus } from '../supervise/part.ts';
import { identify } from '../supervise/process-identity.ts';
import { dropState, writeState } from '../supervise/state-file.ts';
import { Supervisor } from '../supervise/supervisor.ts';

const STATE_EVERY_MS = 100;

export type RunningSupervisor = {
  supervisor: Supervisor;
  /** Resolves when everything is ended, with the process's exit code. */
  ended: Promise<number>;
};

/**
 * Starts an install's processes from its prepared home and keeps state.json true until a signal ends them.
 * @param say told a line on each change worth a person's attention
 * @throws StepError when another supervisor holds this home
 */
export function runSupervisor(home: string, say: (line: string) => void): RunningSupervisor {
  const lock = join(home, 'supervisor.lock');
  if (!tryLock(lock)) throw new StepError(`Another npm start is at work on ${home}.`);
  forbidCoreDumps();
  const install = readInstall(home);
  const me = identify(process.pid);
  if (!me) throw new StepError('/proc cannot be read: Openair runs on Linux.');
  const startedAt = new Date().toISOString();
  let pending: NodeJS.Timeout | null = null;
  let before: Record<string, PartStatus> = {};

  const write = () => {
    pending = null;
    writeState(home, {
      supervisor: me,
      leashPid: supervisor.leashPid,
      base: install.base,
      startedAt,
      healthy: supervisor.isHealthy(),
      parts: supervisor.status(),
    });
  };
  const supervisor = new Supervisor({
    home,
    parts: partsOf(install),
    secrets: Object.values(install.secrets),
    onChange(parts) {
      for (const line of describeChange(before, parts)) say(line);
      before = parts;
      pending ??= setTimeout(write, STATE_EVERY_MS);
    },
  });
  const ended = new Promise<number>((resolve) => {
    let asked = 0;
    const end = (name: string) => {
      asked++;
      if (asked > 1) return say('  …  already ending');
      say(`  …  ${name}: ending everything`);
      supervisor.stop().then(
        () => {
          if (pending) clearTimeout(pending);
          dropState(home);
          rmSync(lock, { force: true });
          say('  ok everything is ended');
          resolve(0);
        },
        (error) => {
          say(`  !! ending failed: ${error}`);
          resolve(1);
        },
      );
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end(name));
  });
  supervisor.start();
  write();
  return { supervisor, ended };
}

/** Our memory holds secrets: none of it, nor of the children, who inherit the limit, is ever written to a core file (S-13). */
function forbidCoreDumps(): void {
  spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' });
}
