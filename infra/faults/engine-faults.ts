import { setTimeout as wait } from 'node:timers/promises';
import { egressHealthUrl } from '../bench/lib/direct-egress.ts';
import type { Fault } from './inject.ts';
import { hit, partOf, pipelineOf, spareOf, whenBack } from './processes.ts';
import { startSecondWorker } from './second-worker.ts';
import type { Show } from './show.ts';

const worker = (show: Show) => partOf(show.install.home, 'egress');

/** The child of the egress dies: the worker starts another on the same feed. */
function childDies(name: string, signal: NodeJS.Signals): Fault {
  return {
    name,
    row: 'R-1',
    expected: `media process gets ${signal}: back on air under 3 s, one discontinuity, destination back, recording whole`,
    limits: { backWithinMs: 3000, longestGapMs: 3000, discontinuities: 1, lostS: 3 },
    destination: true,
    async inject(show, mark) {
      const before = worker(show);
      const healthUrl = egressHealthUrl(show.install);
      const spare = await spareOf(healthUrl);
      const child = await pipelineOf(healthUrl);
      mark();
      hit(child, signal);
      await show.viewer.partAfter(Date.now() + 1000, 15_000);
      if (worker(show).pid !== before.pid) throw new Error('the worker itself was restarted');
      return [spare, await sameEgress(show)];
    },
  };
}

/** One egress for the whole show: the fault was mended, not covered by a new egress. */
async function sameEgress(show: Show): Promise<string> {
  const all = await show.egresses();
  if (all.length !== 1 || !all[0]?.active) {
    throw new Error(
      `LiveKit lists ${all.length} egresses (${all.filter(({ active }) => active).length} active) instead of one`,
    );
  }
  return 'same egress id';
}

export const ENGINE_FAULTS: Fault[] = [
  childDies('child-sigkill', 'SIGKILL'),
  childDies('child-sigsegv', 'SIGSEGV'),
  {
    name: 'child-hangs',
    row: 'R-3',
    expected: 'media process is stopped for good: found within 2 s, killed, back on air under 6 s',
    limits: { backWithinMs: 6000, longestGapMs: 6000, discontinuities: 1, lostS: 6 },
    destination: true,
    async inject(show, mark) {
      const healthUrl = egressHealthUrl(show.install);
      const spare = await spareOf(healthUrl);
      const child = await pipelineOf(healthUrl);
      mark();
      hit(child, 'SIGSTOP');
      await show.viewer.partAfter(Date.now() + 3000, 15_000);
      return [spare, await sameEgress(show)];
    },
  },
  {
    name: 'worker-sigkill',
    row: 'R-4',
    expected:
      'egress worker gets SIGKILL: the restarted one goes on under the same egress id within 10 s, destination back',
    limits: { backWithinMs: 10_000, longestGapMs: 10_000, discontinuities: 1, lostS: 10 },
    destination: true,
    async inject(show, mark) {
      const before = worker(show);
      const [egress] = await show.egresses();
      mark();
      hit(before, 'SIGKILL');
      await whenBack(show.install.home, 'egress', before);
      await show.viewer.partAfter(Date.now(), 15_000);
      await wait(2000);
      const [after] = await show.egresses();
      if (after?.startedAt !== egress?.startedAt) throw new Error('the start time of the egress changed');
      return [await sameEgress(show)];
    },
  },
  {
    name: 'worker-taken-over',
    row: 'R-4',
    expected:
      'egress worker gets SIGKILL while a second one runs: that one goes on under the same egress id within 5 s',
    limits: { backWithinMs: 5000, longestGapMs: 5000, discontinuities: 1, lostS: 5 },
    destination: true,
    async inject(show, mark) {
      const second = await startSecondWorker(show.install);
      try {
        const before = worker(show);
        mark();
        hit(before, 'SIGKILL');
        await show.viewer.partAfter(Date.now() + 1500, 15_000);
        await pipelineOf(second.healthUrl);
        const same = await sameEgress(show);
        await wait(1000);
        // Back to the install's own worker, so that the second one can go.
        await whenBack(show.install.home, 'egress', before);
        return [same];
      } finally {
        await show.end();
        await second.end();
      }
    },
    ends: true,
  },
  {
    name: 'worker-frozen',
    row: 'R-5',
    expected:
      'egress worker and its child are stopped for 9 s while a second one runs: that one takes over, the thawed one writes nothing',
    limits: { backWithinMs: 9000, longestGapMs: 9000, discontinuities: 1, lostS: 9 },
    async inject(show, mark) {
      const second = await startSecondWorker(show.install);
      const frozen = worker(show);
      const child = await pipelineOf(egressHealthUrl(show.install));
      try {
        mark();
        hit(frozen, 'SIGSTOP');
        hit(child, 'SIGSTOP');
        await wait(9000);
        hit(child, 'SIGCONT');
        hit(frozen, 'SIGCONT');
        await show.viewer.partAfter(Date.now() + 4000, 15_000);
        await pipelineOf(second.healthUrl);
        return [await sameEgress(show)];
      } finally {
        await show.end();
        await second.end();
      }
    },
    ends: true,
  },
];
