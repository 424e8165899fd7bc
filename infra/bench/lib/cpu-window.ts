import { setTimeout as wait } from 'node:timers/promises';
import { processTimes } from './cpu.ts';
import type { DirectEgress } from './direct-egress.ts';

/** What one egress did in a stretch of time. */
export type Window = {
  /** CPU seconds of its process, all threads, per minute of output; / 60 = cores. */
  cpuPerMinute: number;
  composedFps: number;
  lateTicks: number;
  ticks: number;
  rssMb: number;
};

/**
 * Measures an egress over some seconds. The composed rate is told beside the cost, since a process that
 * composes less looks cheaper.
 * @throws when its process changed meanwhile: such a window says nothing
 */
export async function measureWindow(egress: DirectEgress, seconds: number): Promise<Window> {
  const before = await egress.look();
  const pid = before.process.pid ?? 0;
  const cpuBefore = processTimes(pid).cpuS;
  const startedAt = performance.now();
  await wait(seconds * 1000);
  const after = await egress.look();
  const elapsedS = (performance.now() - startedAt) / 1000;
  if (after.process.pid !== pid) throw new Error('the egress process was restarted while it was measured');
  const cpuS = processTimes(pid).cpuS - cpuBefore;
  const ticks = after.ticks - before.ticks;
  return {
    cpuPerMinute: (cpuS / elapsedS) * 60,
    // Heartbeats come twice a second, so the ends of the window are up to half a second old.
    composedFps: ticks / elapsedS,
    lateTicks: after.lateTicks - before.lateTicks,
    ticks,
    rssMb: after.process.rssMb,
  };
}
