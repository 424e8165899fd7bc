import { availableParallelism, cpus, freemem } from 'node:os';
import { readProcess, readProcesses, secondsOfTree } from './process-tree.ts';

/** Samples averaged: 5 of 1 s. */
const WINDOW = 5;
const SAMPLE_MS = 1_000;
/** Less of the machine idle than this over the last two samples: whoever wants a core waits for it. */
const STARVED_SHARE = 0.05;

export type CpuMeter = {
  cores: number;
  /** Idle cores of the machine over the last 5 s; null before the second sample. */
  idleCores(): number | null;
  /** Whether a watched process that works was given too little: nearly nothing of the machine was idle over the last 2 s, and it ran. */
  isStarved(pid: number): boolean;
  /** Cores a process used over the last samples; null when unknown (also on systems without /proc). */
  coresOf(pid: number): number | null;
  /** Memory that processes may still take, MB. */
  freeMb(): number;
  /** @param whole with all processes that it starts: costs a look at every process of the machine */
  watch(pid: number, whole?: boolean): void;
  unwatch(pid: number): void;
  stop(): void;
};

type Watched = { whole: boolean; samples: { at: number; seconds: number }[] };

function machineTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}

/** Measures the machine and our children once a second. */
export function startCpuMeter(): CpuMeter {
  const cores = availableParallelism();
  const machine = [machineTimes()];
  const processes = new Map<number, Watched>();

  async function sample(): Promise<void> {
    machine.push(machineTimes());
    if (machine.length > WINDOW + 1) machine.shift();
    const anyWhole = [...processes.values()].some(({ whole }) => whole);
    const all = anyWhole ? await readProcesses().catch(() => null) : null;
    for (const [pid, { whole, samples }] of processes) {
      try {
        const { seconds: own } = await readProcess(pid);
        const seconds = whole && all ? secondsOfTree(pid, all) : own;
        samples.push({ at: performance.now(), seconds });
        if (samples.length > WINDOW + 1) samples.shift();
      } catch {
        // Gone, or no /proc: the estimate counts.
        samples.length = 0;
      }
    }
  }
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  timer.unref();

  /** Of all the time since a sample, the share that was idle; null before there are two samples. */
  function idleShareSince(first: (typeof machine)[number] | undefined): number | null {
    const last = machine.at(-1);
    if (!first || !last || last.total <= first.total) return null;
    return (last.idle - first.idle) / (last.total - first.total);
  }

  return {
    cores,
    idleCores() {
      const share = idleShareSince(machine[0]);
      return share === null ? null : share * cores;
    },
    isStarved(pid) {
      const [before, last] = (processes.get(pid)?.samples ?? []).slice(-2);
      const ran = before !== undefined && last !== undefined && last.seconds > before.seconds;
      return ran && (idleShareSince(machine.at(-3) ?? machine[0]) ?? 1) < STARVED_SHARE;
    },
    coresOf(pid) {
      const samples = processes.get(pid)?.samples ?? [];
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last || last.at - first.at < SAMPLE_MS / 2) return null;
      // A process that ended takes its time along.
      return Math.max(0, ((last.seconds - first.seconds) * 1_000) / (last.at - first.at));
    },
    freeMb: () => Math.round((process.availableMemory?.() ?? freemem()) / 1024 / 1024),
    watch: (pid, whole = false) => void processes.set(pid, { whole, samples: [] }),
    unwatch: (pid) => void processes.delete(pid),
    stop: () => clearInterval(timer),
  };
}
