import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Install, readInstall, readInstallRecord } from '../install.ts';
import { DEFAULT_BASE } from '../settings/ports.ts';
import { StepError } from '../step-error.ts';
import { describeChange } from '../supervise/describe.ts';
import type { PartStatus } from '../supervise/part.ts';
import { type InstallState, readState, runningState } from '../supervise/state-file.ts';
import { makeFirstThings } from './first-things.ts';
import { prepareHome } from './prepare-home.ts';
import type { Progress } from './progress.ts';
import { runSupervisor } from './run-supervisor.ts';
import { formatReport, startReport } from './table.ts';

export type StartOptions = { home: string; port: number | null; detach: boolean; json: boolean; supervise: boolean };

export type StartRequest = { repo: string; options: StartOptions; progress: Progress };

/** The first start of a fresh database, and a machine that is busy, take longest. */
const HEALTHY_WITHIN_MS = 180_000;

/**
 * `npm start`.
 * @returns the exit code
 * @throws StepError with a sentence for the person who started it
 */
export async function startInstall({ repo, options, progress }: StartRequest): Promise<number> {
  const { home } = options;
  if (options.supervise) return await runSupervisor(home, logLine).ended;
  const running = runningState(home);
  if (running) {
    const port =
      options.port === null || options.port === running.base
        ? ''
        : ` (on port ${running.base}; stop it first to move it)`;
    progress.say(`Openair is running already${port}.`);
    await whenHealthy(home, running.supervisor.pid, progress);
    return await report(options, progress, readInstall(home));
  }
  const base = options.port ?? readInstallRecord(home)?.base ?? DEFAULT_BASE;
  await prepareHome({ repo, home, base, progress });
  return options.detach
    ? await startDetached({ repo, options, progress })
    : await startHere({ repo, options, progress });
}

/** In this process, until a signal. */
async function startHere({ options, progress }: StartRequest): Promise<number> {
  const { supervisor, ended } = runSupervisor(options.home, progress.say);
  const healthy = whenHealthy(options.home, process.pid, { ...progress, say: () => undefined }).then(
    async () => {
      progress.say(`  ok everything is healthy, ${progress.total()} in all`);
      await report(options, progress, readInstall(options.home));
      progress.say('  Ctrl-C ends it.');
    },
    (error: Error) => progress.say(`\n${error.message}`),
  );
  const code = await ended;
  void healthy;
  void supervisor;
  // Whatever still waits (a look at the health, a poll) must not hold the terminal.
  process.exit(code);
}

/** In a session of its own; this process only waits until all is well. */
async function startDetached({ repo, options, progress }: StartRequest): Promise<number> {
  const { home } = options;
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  const log = openSync(join(home, 'logs/supervisor.log'), 'a', 0o600);
  const child = spawn(process.execPath, [join(repo, 'infra/native/start.mjs'), '--supervise', '--home', home], {
    cwd: repo,
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref(); // a start that fails must not wait for what goes on running
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code, name) =>
      reject(
        new StepError(`The supervisor ended at once (${name ?? `code ${code}`})`, {
          logFile: join(home, 'logs/supervisor.log'),
        }),
      ),
    );
    child.once('error', (error) => reject(new StepError(`The supervisor could not be started: ${error.message}`)));
  });
  await Promise.race([whenHealthy(home, child.pid ?? 0, progress), failed]);
  failed.catch(() => undefined);
  child.removeAllListeners();
  progress.say(`  ok everything is healthy, ${progress.total()} in all`);
  return await report(options, progress, readInstall(home));
}

/**
 * Follows state.json until everything is up.
 * @throws StepError when a part crash-loops or the time is over, with the last lines of its log
 */
async function whenHealthy(home: string, supervisorPid: number, progress: Progress): Promise<void> {
  const untilMs = Date.now() + HEALTHY_WITHIN_MS;
  let before: Record<string, PartStatus> = {};
  for (;;) {
    const state = readState(home);
    if (state && state.supervisor.pid === supervisorPid) {
      for (const line of describeChange(before, state.parts)) progress.say(line);
      before = state.parts;
      if (state.healthy) return;
      if (Object.values(state.parts).some((part) => part.state === 'crash-looping')) throw unwell(home, state);
    }
    if (Date.now() > untilMs) throw unwell(home, state);
    await wait(150);
  }
}

function unwell(home: string, state: InstallState | null): StepError {
  const bad = Object.entries(state?.parts ?? {}).filter(([, part]) => part.state !== 'ready' && part.state !== 'done');
  // What waits for another is not what is wrong.
  const worst =
    bad.find(([, part]) => part.state === 'crash-looping') ?? bad.find(([, part]) => part.lastEnd) ?? bad[0];
  if (!worst) return new StepError(`Nothing was heard of the supervisor: see ${join(home, 'logs/supervisor.log')}`);
  const [name, part] = worst;
  const others = bad.filter(([other]) => other !== name).map(([other]) => other);
  const waiting = others.length > 0 ? ` Not up either: ${others.join(', ')}.` : '';
  const sentence = `${name} does not start: it ${part.lastEnd ?? `is ${part.state}`}.${waiting} The rest goes on running; npm stop ends it.`;
  return new StepError(sentence, { tail: lastLines(part.log), logFile: part.log });
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
}

async function report(options: StartOptions, progress: Progress, install: Install): Promise<number> {
  const first = await makeFirstThings(install);
  const state = runningState(options.home);
  const whole = startReport(install, first, state?.supervisor.pid ?? 0, state?.parts ?? {});
  if (options.json) process.stdout.write(`${JSON.stringify(whole)}\n`);
  else progress.say(formatReport(whole));
  return 0;
}

function logLine(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line.trim()}\n`);
}
