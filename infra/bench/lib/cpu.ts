import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const TICKS_PER_S = 100;

type ProcessTimes = { pid: number; parent: number; cpuS: number; rssMb: number };

/** CPU seconds so far are utime + stime, without reaped children. Source: proc(5). */
function timesOf(pid: number): ProcessTimes {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S,
    rssMb: (Number(fields[21]) * 4096) / 1e6,
  };
}

/** Every process of the machine. */
function allProcesses(): ProcessTimes[] {
  const found: ProcessTimes[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      found.push(timesOf(Number(name)));
    } catch {
      // It ended between the listing and the look.
    }
  }
  return found;
}

export type TreeTimes = { cpuS: number; rssMb: number };

/** CPU seconds and memory of one process, all its threads. @throws when it is gone */
export function processTimes(pid: number): TreeTimes {
  const { cpuS, rssMb } = timesOf(pid);
  return { cpuS, rssMb };
}

/** CPU seconds and memory of a process and all its descendants. */
export function treeTimes(root: number): TreeTimes {
  const all = allProcesses();
  const wanted = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const each of all) {
      if (wanted.has(each.parent) && !wanted.has(each.pid)) {
        wanted.add(each.pid);
        grown = true;
      }
    }
  }
  const members = all.filter((each) => wanted.has(each.pid));
  return {
    cpuS: members.reduce((sum, each) => sum + each.cpuS, 0),
    rssMb: members.reduce((sum, each) => sum + each.rssMb, 0),
  };
}

export type MachineTimes = { busy: number; all: number };

/** What all cores have done so far, and could have, ms. */
export function machineTimes(): MachineTimes {
  const sums = { busy: 0, all: 0 };
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    sums.all += all;
    sums.busy += all - times.idle;
  }
  return sums;
}
