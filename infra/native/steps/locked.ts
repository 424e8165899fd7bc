import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../supervise/process-identity.ts';

/**
 * Does `work` while no other process does the same; waits for its turn. A lock whose holder is gone is taken over.
 * @param file the lock
 */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  while (!tryLock(file)) await wait(300);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @returns whether the lock is ours now */
export function tryLock(file: string): boolean {
  const me = JSON.stringify(identify(process.pid));
  try {
    writeFileSync(file, me, { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    if (lockHolder(file)) return false;
    rmSync(file, { force: true });
    try {
      writeFileSync(file, me, { flag: 'wx', mode: 0o600 });
      return true;
    } catch {
      return false; // another was quicker
    }
  }
}

/** @returns the process that holds it, null when nobody does (any more) */
export function lockHolder(file: string): ProcessIdentity | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return isAlive(holder) ? holder : null;
  } catch {
    return null;
  }
}
