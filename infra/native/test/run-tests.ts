import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_BASE } from '../settings/ports.ts';
import type { Progress } from '../start/progress.ts';
import { startInstall } from '../start/start-install.ts';
import { StepError } from '../step-error.ts';
import { stopInstall } from '../stop/stop-install.ts';
import { readFailures } from './failures.ts';
import { freeBase } from './free-base.ts';
import { inForeground } from './run-against-install.ts';
import { add, readTally, type Tally, tallyLine } from './tally.ts';

const SUITES = ['unit', 'stack', 'e2e'] as const;
type Suite = (typeof SUITES)[number];

type TestRun = {
  repo: string;
  options: { home: string; port: number | null; only: string[] | null };
  progress: Progress;
};

/**
 * `npm test`: unit tests, then an install of its own for the tests through its front door and in a browser.
 * @returns the exit code: 0 when nothing failed
 */
export async function runTests({ repo, options, progress }: TestRun): Promise<number> {
  const wrong = (options.only ?? []).filter((name) => !SUITES.some((suite) => suite === name));
  if (wrong.length > 0) throw new StepError(`--only takes ${SUITES.join(', ')}; not ${wrong.join(', ')}.`);
  const wanted = SUITES.filter((suite) => !options.only || options.only.includes(suite));
  const reports = join(options.home, 'reports');
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const tallies: Partial<Record<Suite, Tally>> = {};
  if (wanted.includes('unit')) tallies.unit = await vitest('unit', { repo, reports, env: process.env });
  const onInstall = wanted.filter((suite) => suite !== 'unit');
  if (onInstall.length > 0) Object.assign(tallies, await testInstall(onInstall, { repo, options, progress }, reports));
  tellFailures(reports, repo, progress);
  return sumUp(tallies, progress);
}

async function testInstall(
  suites: Suite[],
  { repo, options, progress }: TestRun,
  reports: string,
): Promise<Partial<Record<Suite, Tally>>> {
  const { home } = options;
  const tallies: Partial<Record<Suite, Tally>> = {};
  try {
    const port = options.port ?? (await freeBase(TEST_BASE, home));
    await startInstall({ repo, options: { home, port, detach: true, json: false, supervise: false }, progress });
    const env = { ...process.env, OPENAIR_TEST_HOME: home };
    if (suites.includes('stack')) tallies.stack = await vitest('stack', { repo, reports, env });
    if (suites.includes('e2e')) tallies.e2e = await playwright({ repo, reports, env });
  } catch (error) {
    // An install that does not start is what its tests would have found.
    console.error(error instanceof StepError ? `\n${error.message}\n${error.tail}` : error);
    for (const suite of suites) tallies[suite] ??= { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await stopInstall(home, progress.say);
  }
  return tallies;
}

type SuiteRun = { repo: string; reports: string; env: NodeJS.ProcessEnv };

async function vitest(project: 'unit' | 'stack', { repo, reports, env }: SuiteRun): Promise<Tally> {
  const file = join(reports, `${project}.json`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--passWithNoTests'];
  const code = await inForeground(
    process.execPath,
    [...args, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    repo,
    env,
  );
  return readTally('vitest', file, code);
}

async function playwright({ repo, reports, env }: SuiteRun): Promise<Tally> {
  const file = join(reports, 'e2e.json');
  const args = ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json', '--pass-with-no-tests'];
  const code = await inForeground(process.execPath, args, repo, { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  return readTally('playwright', file, code);
}

function tellFailures(reports: string, repo: string, progress: Progress): void {
  const failures = SUITES.flatMap((suite) =>
    readFailures(suite === 'e2e' ? 'playwright' : 'vitest', join(reports, `${suite}.json`), repo),
  );
  if (failures.length > 0) progress.say(`\nWhat failed:\n\n${failures.join('\n\n')}`);
}

function sumUp(tallies: Partial<Record<Suite, Tally>>, progress: Progress): number {
  progress.say('');
  for (const suite of SUITES) {
    const tally = tallies[suite];
    progress.say(`  ${suite.padEnd(6)} ${tally ? tallyLine(tally) : 'not run: left out by --only'}`);
  }
  progress.say('  not run by npm test: benches (npm run bench:latency)');
  const sum = add(Object.values(tallies));
  progress.say(`\n${tallyLine(sum)}`);
  return sum.failed > 0 || sum.passed === 0 ? 1 : 0;
}
