import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { add, readTally, tallyLine } from './tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'openair-tally-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(content: object): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('vitest and Playwright are counted alike', () => {
  const vitest = report({
    numPassedTests: 7,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [{ status: 'failed', assertionResults: [{}] }],
  });
  const playwright = report({ stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 1 }, errors: [] });
  const sum = add([readTally('vitest', vitest, 1), readTally('playwright', playwright, 1)]);
  expect(tallyLine(sum)).toBe('11 passed, 2 failed, 3 skipped');
});

test('a file that could not be loaded is a failure, though none of its tests ran', () => {
  const file = report({
    numPassedTests: 4,
    numFailedTests: 0,
    numPendingTests: 0,
    testResults: [{ status: 'failed', assertionResults: [] }],
  });
  expect(readTally('vitest', file, 1)).toEqual({ passed: 4, failed: 1, skipped: 0 });
});

test('a runner that died, or whose report says otherwise than its exit code, has failed', () => {
  expect(readTally('vitest', join(folder, 'missing.json'), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  const fine = report({ numPassedTests: 4, numFailedTests: 0, numPendingTests: 0, testResults: [] });
  expect(readTally('vitest', fine, 1).failed).toBe(1);
  expect(readTally('vitest', fine, 0).failed).toBe(0);
});
