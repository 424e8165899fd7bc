/**
 * `npm run faults`: see run.mjs. Each fault is injected into a show of its own that is on air, timed from a viewer's seat, and its recording
 * is gone through afterwards. Ends with the line `N passed, N failed`; the exit code is 1 when one failed.
 */
import { parseArgs } from 'node:util';
import { openInstall } from '../bench/lib/install.ts';
import { openRtmpSink } from '../e2e/rtmp-sink.ts';
import { injectFault, type Outcome } from './inject.ts';
import { FAULTS } from './list.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const names = options.only?.split(',').map((name) => name.trim());
const unknown = (names ?? []).filter((name) => !FAULTS.some((fault) => fault.name === name));
if (options.list || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no fault ${unknown.join(', ')}. There are:`);
  for (const { name, row, expected } of FAULTS) console.log(`${name.padEnd(22)} ${row.padEnd(6)} ${expected}`);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const install = openInstall();
const sink = await openRtmpSink();
const outcomes: Outcome[] = [];
try {
  await sink.start();
  for (const fault of FAULTS.filter(({ name, long }) => (names ? names.includes(name) : !long))) {
    const outcome = await injectFault(install, fault, sink);
    outcomes.push(outcome);
    if (!options.json) print(outcome);
  }
} finally {
  await sink.close();
}
const failed = outcomes.filter(({ passed }) => !passed).length;
if (options.json) {
  console.log(JSON.stringify({ node: process.version, date: new Date().toISOString(), outcomes }, null, 2));
}
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || outcomes.length === 0 ? 1 : 0);

function print({ name, row, expected, measured, wrong, passed }: Outcome): void {
  console.log(
    `${passed ? 'ok  ' : 'FAIL'} ${name} (${row})\n       expected: ${expected}\n       measured: ${measured}`,
  );
  for (const line of wrong) console.log(`       wrong:    ${line}`);
}
