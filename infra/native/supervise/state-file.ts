import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../settings/write-private.ts';
import type { PartStatus } from './part.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** HOME/state.json: what runs, for `npm start`, `stop`, `doctor`, and for the next start after a supervisor that was killed. */
export type InstallState = {
  supervisor: ProcessIdentity;
  leashPid: number | null;
  base: number;
  startedAt: string;
  healthy: boolean;
  parts: Record<string, PartStatus>;
};

const fileOf = (home: string) => join(home, 'state.json');

/** @returns null when there is none, or it cannot be read */
export function readState(home: string): InstallState | null {
  try {
    return existsSync(fileOf(home)) ? JSON.parse(readFileSync(fileOf(home), 'utf8')) : null;
  } catch {
    return null;
  }
}

export function writeState(home: string, state: InstallState): void {
  writePrivate(fileOf(home), `${JSON.stringify(state, null, 2)}\n`);
}

export function dropState(home: string): void {
  rmSync(fileOf(home), { force: true });
}

/** @returns the state of the install that runs from this home now */
export function runningState(home: string): InstallState | null {
  const state = readState(home);
  return state && isAlive(state.supervisor) ? state : null;
}
