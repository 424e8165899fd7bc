import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';

/** Samples averaged: 5 of 1 s. */
const WINDOW = 5;
const SAMPLE_MS = 1_000;
/** Clock ticks a second in /proc; 100 on every Linux Node runs on. */
const TICKS_PER_S = 100;

export type CpuMeter = {
  cores: number;
  /** Idle cores of the machine over the last 5 s; null before the second sample. */
  idleCores(): number | null;
  /** Cores a process used over the last samples; null when unknown (also on systems without /proc). */
  coresOf(pid: number): number | null;
  watch(pid: number): void;
  unwatch(pid: number): void;
  stop(): void;
};

function machineTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}

/** User and system time of a process in seconds. @throws when it is gone or there is no /proc */
async function processSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Measures the machine and our children once a second. */
export function startCpuMeter(): CpuMeter {
  const cores = availableParallelism();
  const machine = [machineTimes()];
  const processes = new Map<number, { at: number; seconds: number }[]>();

  async function sample(): Promise<void> {
    machine.push(machineTimes());
    if (machine.length > WINDOW + 1) machine.shift();
    for (const [pid, samples] of processes) {
      try {
        const seconds = await processSeconds(pid);
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

  return {
    cores,
    idleCores() {
      const [first, last] = [machine[0], machine.at(-1)];
      if (!first || !last || last.total <= first.total) return null;
      return ((last.idle - first.idle) / (last.total - first.total)) * cores;
    },
    coresOf(pid) {
      const samples = processes.get(pid) ?? [];
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last || last.at - first.at < SAMPLE_MS / 2) return null;
      return ((last.seconds - first.seconds) * 1_000) / (last.at - first.at);
    },
    watch: (pid) => void processes.set(pid, []),
    unwatch: (pid) => void processes.delete(pid),
    stop: () => clearInterval(timer),
  };
}
