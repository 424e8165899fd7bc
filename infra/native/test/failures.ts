import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Lines of a message that are told again at the end of a run: enough for an expectation and what came instead. */
const MESSAGE_LINES = 12;

type VitestReport = {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] | null }[];
  }[];
};
type PlaywrightSuite = {
  suites?: PlaywrightSuite[];
  specs?: {
    title: string;
    file: string;
    line: number;
    ok: boolean;
    tests: { results: { errors: { message?: string }[] }[] }[];
  }[];
};

/**
 * What failed, told again below the tallies: who sees only the end of a long log still learns the name and the reason.
 * @returns a text of several lines for each test that failed, in the order of the report; nothing where there is no report
 */
export function readFailures(kind: 'vitest' | 'playwright', file: string, repo: string): string[] {
  if (!existsSync(file)) return [];
  const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return kind === 'vitest' ? ofVitest(report as VitestReport, repo) : ofPlaywright(report as PlaywrightSuite);
}

function ofVitest({ testResults }: VitestReport, repo: string): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(repo, name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    // Neither loaded nor torn down: the file failed, and none of its tests.
    if (failed.length === 0) return status === 'failed' ? [told(file, message)] : [];
    return failed.map((one) => told(`${file} › ${one.fullName}`, one.failureMessages?.join('\n')));
  });
}

function ofPlaywright({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const here = specs
    .filter(({ ok }) => !ok)
    .map(({ file, line, title, tests }) => {
      const errors = tests.flatMap(({ results }) => results.flatMap((result) => result.errors));
      return told(`${file}:${line} › ${title}`, errors.map((error) => error.message ?? '').join('\n'));
    });
  return [...here, ...suites.flatMap(ofPlaywright)];
}

function told(title: string, message = ''): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return [`✗ ${title}`, ...lines.slice(0, MESSAGE_LINES).map((line) => `    ${line}`)].join('\n');
}
