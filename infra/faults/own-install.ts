import { readInstallRecord } from '../native/install.ts';
import type { Progress } from '../native/start/progress.ts';
import { startInstall } from '../native/start/start-install.ts';
import { stopInstall } from '../native/stop/stop-install.ts';
import { runningState } from '../native/supervise/state-file.ts';
import { freeBase } from '../native/test/free-base.ts';
import { inForeground } from '../native/test/run-against-install.ts';

const FAULTS_BASE = 21_000;
/** A host may be away for two minutes here without the broadcast being given up. */
const SETTINGS = { OPENAIR_RECONNECT_WINDOW_S: '300' };

type Run = { repo: string; home: string; args: string[]; progress: Progress };

/** Runs the faults against the install of this home; one that does not run yet is started for it and ended after it. @returns exit code */
export async function runOnOwnInstall({ repo, home, args, progress }: Run): Promise<number> {
  const reused = runningState(home) !== null;
  if (!reused) {
    Object.assign(process.env, { ...SETTINGS, ...process.env });
    const port = readInstallRecord(home)?.base ?? (await freeBase(FAULTS_BASE, home));
    await startInstall({ repo, options: { home, port, detach: true, json: false, supervise: false }, progress });
  }
  try {
    const env = { ...process.env, OPENAIR_TEST_HOME: home };
    return await inForeground(process.execPath, ['--import', 'tsx', 'infra/faults/faults.ts', ...args], repo, env);
  } finally {
    if (!reused) await stopInstall(home, progress.say);
  }
}
