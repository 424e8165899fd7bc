import { readInstall } from '../install.ts';
import { StepError } from '../step-error.ts';
import { runningState } from '../supervise/state-file.ts';
import { checksOf } from './checks.ts';
import { type Finding, formatFinding, runCheck } from './finding.ts';
import { testBroadcast } from './test-broadcast.ts';

const BROADCAST_WITHIN_MS = 120_000;

/**
 * `npm run doctor`.
 * @returns the exit code: 1 when a line is red
 */
export async function examine(home: string, json: boolean): Promise<number> {
  const install = readInstall(home);
  const state = runningState(home);
  if (!state) throw new StepError(`Nothing runs from ${home}: npm start first, then npm run doctor.`);
  const print = (finding: Finding) => {
    if (!json) console.log(formatFinding(finding));
    return finding;
  };
  const findings: Finding[] = [];
  for (const check of checksOf(install, state)) findings.push(print(await runCheck(check)));
  if (!json) console.log('  …  a ten-second test broadcast');
  findings.push(
    print(
      await runCheck(
        {
          part: 'test broadcast',
          fix: 'see the lines above, then logs/ingest.log, logs/egress.log and logs/playback.log',
          look: () => testBroadcast(install),
        },
        BROADCAST_WITHIN_MS,
      ),
    ),
  );
  const red = findings.filter((one) => !one.ok).length;
  if (json) console.log(JSON.stringify({ ok: red === 0, findings }));
  else console.log(red === 0 ? '\nEverything is well.' : `\n${red} of ${findings.length} lines are red.`);
  return red === 0 ? 0 : 1;
}
