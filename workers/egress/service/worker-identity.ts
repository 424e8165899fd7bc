import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** State and start time (clock ticks since boot) of a process; proc(5). @returns null when there is none */
function readProcess(pid: number): { state: string; startTime: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces; fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** This boot of this machine and the process numbers we see; null without /proc. */
function placeOf(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}.${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

const place = placeOf();

/** Names this worker process among all, so that a worker beside it can see whether it still lives. */
export function newWorkerId(): string {
  const startTime = readProcess(process.pid)?.startTime ?? '';
  return [place ?? 'unknown', process.pid, startTime, randomBytes(4).toString('hex')].join('/');
}

/**
 * True when the worker ran on this machine and its process is gone: what it held need not wait for its hold to run out. A process
 * number that was given out anew is told by its start time.
 */
export function isKnownDead(workerId: string): boolean {
  const [where, pid, startTime] = workerId.split('/').length === 4 ? workerId.split('/') : [];
  if (place === null || where !== place || !pid) return false;
  const found = readProcess(Number(pid));
  return found === null || found.state === 'Z' || found.startTime !== startTime;
}
