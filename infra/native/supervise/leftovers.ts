import { setTimeout as wait } from 'node:timers/promises';
import { groupMembers, isAlive, type ProcessIdentity, signal, withEnvironment } from './process-identity.ts';
import type { InstallState } from './state-file.ts';

const GRACE_MS = 4000;

/**
 * Processes of an earlier run of this home: those written down with their start times, what is left of their groups, and whoever
 * carries our mark. Never one that only has the same number.
 */
export function findLeftovers(home: string, state: InstallState | null): ProcessIdentity[] {
  const found = new Map<string, ProcessIdentity>();
  const add = (one: ProcessIdentity) => found.set(`${one.pid}/${one.startTime}`, one);
  for (const part of Object.values(state?.parts ?? {})) {
    if (part.pid === null || part.startTime === null) continue;
    const leader = { pid: part.pid, startTime: part.startTime };
    if (!isAlive(leader)) continue;
    add(leader);
    for (const member of groupMembers(part.pid)) add(member);
  }
  for (const stray of withEnvironment(`OPENAIR_SUPERVISED=${home}`)) add(stray);
  return [...found.values()];
}

/** Ends them: SIGTERM, then SIGKILL. @returns how many there were */
export async function endLeftovers(home: string, state: InstallState | null): Promise<number> {
  const leftovers = findLeftovers(home, state);
  for (const one of leftovers) signal(one, 'SIGTERM');
  const untilMs = Date.now() + GRACE_MS;
  while (leftovers.some(isAlive) && Date.now() < untilMs) await wait(50);
  for (const one of leftovers) signal(one, 'SIGKILL');
  const goneMs = Date.now() + 2000;
  while (leftovers.some(isAlive) && Date.now() < goneMs) await wait(20);
  return leftovers.length;
}
