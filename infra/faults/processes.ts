import { readdirSync, readFileSync } from 'node:fs';
import type { EgressInspection } from '../../workers/egress/service/inspect/inspection.ts';
import { eventually } from '../bench/lib/install.ts';
import { identify, isAlive, type ProcessIdentity, readStat, signal } from '../native/supervise/process-identity.ts';
import { readState } from '../native/supervise/state-file.ts';

/** A process of the install by its name in state.json. @throws Error when it does not run */
export function partOf(home: string, name: string): ProcessIdentity {
  const pid = readState(home)?.parts[name]?.pid;
  const found = pid ? identify(pid) : null;
  if (!found) throw new Error(`${name} does not run in ${home}`);
  return found;
}

export const isReady = (home: string, name: string) => readState(home)?.parts[name]?.state === 'ready';

/** Children of a process whose command line holds a word. */
export function childrenOf(parent: number, word: string): ProcessIdentity[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || readStat(Number(name))?.parent !== parent) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const found = command.includes(word) ? identify(Number(name)) : null;
      return found ? [found] : [];
    } catch {
      return [];
    }
  });
}

/**
 * The media process of the one egress that a worker runs, as it says itself: a spare one waits beside it.
 * @param healthUrl of the worker
 * @throws Error when there is none, or more than one
 */
export async function pipelineOf(healthUrl: string): Promise<ProcessIdentity> {
  const running = (await (await fetch(`${healthUrl}/inspect.json`)).json()) as EgressInspection[];
  const [one, ...more] = running.map(({ process: { pid } }) => pid && identify(pid)).filter((found) => found !== null);
  if (!one || more.length > 0) throw new Error(`the egress worker has ${more.length + (one ? 1 : 0)} media processes`);
  return one;
}

/** Waits for the media process that a worker keeps loaded; a machine that is full has none for a while. @returns for the table */
export async function spareOf(healthUrl: string, withinMs = 15_000): Promise<string> {
  const isReady = async () =>
    /^openair_egress_spare_processes 1$/m.test(await (await fetch(`${healthUrl}/metrics`)).text());
  return eventually('a spare media process waits', isReady, withinMs).then(
    () => 'a spare one was there',
    () => 'no spare one was there',
  );
}

/** @throws Error when the process was gone already: the fault would not have been injected */
export function hit(process: ProcessIdentity, name: NodeJS.Signals): void {
  if (!signal(process, name)) throw new Error(`process ${process.pid} was gone before ${name}`);
}

/** Stops a process for a while: its sockets stay open and nothing answers. It goes on whatever happens meanwhile. */
export const freeze = (process: ProcessIdentity, during: () => Promise<unknown>): Promise<void> =>
  freezeAll([process], during);

/** The first one must be there; of its children one may have ended meanwhile. */
export async function freezeAll(
  [first, ...others]: readonly ProcessIdentity[],
  during: () => Promise<unknown>,
): Promise<void> {
  if (!first) throw new Error('there is nothing to stop');
  hit(first, 'SIGSTOP');
  for (const process of others) signal(process, 'SIGSTOP');
  try {
    await during();
  } finally {
    for (const process of [first, ...others]) signal(process, 'SIGCONT');
  }
}

export async function whenBack(home: string, name: string, before: ProcessIdentity): Promise<void> {
  await eventually(
    `${name} is back`,
    async () => isReady(home, name) && readState(home)?.parts[name]?.pid !== before.pid,
    60_000,
  );
}

/** Resident memory in MB. */
export function residentMb(process: ProcessIdentity): number {
  if (!isAlive(process)) return Number.NaN;
  const pages = Number(readFileSync(`/proc/${process.pid}/statm`, 'utf8').split(' ')[1]);
  return (pages * 4096) / 1e6;
}
