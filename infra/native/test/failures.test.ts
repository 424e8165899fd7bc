import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFailures } from './failures.ts';

const folder = mkdtempSync(join(tmpdir(), 'openair-failures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(content: object): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('a test of vitest that failed is told with its file, its sentence and its reason', () => {
  const file = report({
    testResults: [
      {
        name: '/repo/app/fine.test.ts',
        status: 'passed',
        assertionResults: [{ fullName: 'holds', status: 'passed', failureMessages: [] }],
      },
      {
        name: '/repo/app/one.test.ts',
        status: 'failed',
        assertionResults: [
          { fullName: 'stands', status: 'passed', failureMessages: [] },
          {
            fullName: 'falls',
            status: 'failed',
            failureMessages: ['\u001b[31mexpected 1 to be 2\u001b[39m\n\n  at x'],
          },
        ],
      },
    ],
  });
  expect(readFailures('vitest', file, '/repo')).toEqual([
    '✗ app/one.test.ts › falls\n    expected 1 to be 2\n      at x',
  ]);
});

test('a file that could not be loaded is told with its message', () => {
  const file = report({
    testResults: [
      { name: '/repo/app/one.test.ts', status: 'failed', message: 'Cannot find ./two', assertionResults: [] },
    ],
  });
  expect(readFailures('vitest', file, '/repo')).toEqual(['✗ app/one.test.ts\n    Cannot find ./two']);
});

test('a story that failed is told wherever it stands in the report', () => {
  const story = (title: string, ok: boolean) => ({
    title,
    file: 'a.spec.ts',
    line: 7,
    ok,
    tests: [{ results: [{ errors: ok ? [] : [{ message: 'Timeout' }] }] }],
  });
  const file = report({
    suites: [{ specs: [story('plays', true)], suites: [{ specs: [story('stalls', false)] }] }],
  });
  expect(readFailures('playwright', file, '/repo')).toEqual(['✗ a.spec.ts:7 › stalls\n    Timeout']);
});

test('a runner that left no report has nothing to tell', () => {
  expect(readFailures('vitest', join(folder, 'missing.json'), '/repo')).toEqual([]);
});
