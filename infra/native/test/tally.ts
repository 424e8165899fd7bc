import { existsSync, readFileSync } from 'node:fs';

/** What a test runner said, whoever it was. */
export type Tally = { passed: number; failed: number; skipped: number };

type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests?: number;
  testResults: { status: string; assertionResults: unknown[] }[];
};
type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors: unknown[];
};

/** A run that left no report, or whose exit code says otherwise than its report, has failed once. */
export function readTally(kind: 'vitest' | 'playwright', file: string, exitCode: number): Tally {
  const tally = existsSync(file)
    ? read(kind, JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 };
  if (exitCode !== 0 && tally.failed === 0) tally.failed = 1;
  return tally;
}

function read(kind: 'vitest' | 'playwright', report: unknown): Tally {
  if (kind === 'playwright') {
    const { stats, errors } = report as PlaywrightReport;
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, skipped: stats.skipped };
  }
  const told = report as VitestReport;
  // A file that could not even be loaded has no tests to fail.
  const broken = told.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0).length;
  return {
    passed: told.numPassedTests,
    failed: told.numFailedTests + broken,
    skipped: told.numPendingTests + (told.numTodoTests ?? 0),
  };
}

export function add(tallies: Tally[]): Tally {
  return tallies.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** The last line of `npm test` and `.ci/run`. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
