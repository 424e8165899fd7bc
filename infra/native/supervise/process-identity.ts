import { readdirSync, readFileSync } from 'node:fs';

/** A process, told from a later one that got the same number by its start time (clock ticks since boot; proc(5), stat field 22). */
export type ProcessIdentity = { pid: number; startTime: string };

type Stat = { state: string; parent: number; group: number; startTime: string };

/** @returns null when there is no such process */
export function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, field 2, may hold spaces and parentheses: count from its end.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), group: Number(fields[2]), startTime: fields[19] ?? '' };
  } catch {
    return null;
  }
}

export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  return stat ? { pid, startTime: stat.startTime } : null;
}

/** Whether this very process still runs; a zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== null && stat.state !== 'Z' && stat.startTime === identity.startTime;
}

/** Signals this very process. @returns false when it is gone */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Members of a process group that run. */
export function groupMembers(group: number): ProcessIdentity[] {
  return allProcesses().flatMap(([pid, stat]) =>
    stat.group === group && stat.state !== 'Z' ? [{ pid, startTime: stat.startTime }] : [],
  );
}

/** Signals a whole process group, if it has members. */
export function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // ESRCH: nobody left.
  }
}

/**
 * Running processes whose environment, as they were started, holds `NAME=value`: finds what a dead supervisor left, whatever group
 * it moved to. A process that overwrote its environment (Redis, PostgreSQL) is not found this way.
 */
export function withEnvironment(assignment: string): ProcessIdentity[] {
  return allProcesses().flatMap(([pid, stat]) => {
    if (pid === process.pid || stat.state === 'Z') return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(assignment) ? [{ pid, startTime: stat.startTime }] : [];
    } catch {
      return []; // another user's, or just gone
    }
  });
}

function allProcesses(): [number, Stat][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readStat(Number(name));
      return stat ? [[Number(name), stat] as [number, Stat]] : [];
    });
}
