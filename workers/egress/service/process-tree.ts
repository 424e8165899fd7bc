import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks a second in /proc; 100 on every Linux Node runs on. */
const TICKS_PER_S = 100;

export type ProcessFacts = { parent: number; seconds: number };

/** Parent, and user and system time. @throws when it is gone or there is no /proc */
export async function readProcess(pid: number): Promise<ProcessFacts> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S };
}

/** Every process of the machine. @throws when there is no /proc */
export async function readProcesses(): Promise<Map<number, ProcessFacts>> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const facts = await readProcess(pid).catch(() => null);
      return facts && ([pid, facts] as const);
    }),
  );
  return new Map(found.filter((one) => one !== null));
}

/** The time of a process and of all that it started, as far as they run: a browser is many processes. */
export function secondsOfTree(root: number, all: ReadonlyMap<number, ProcessFacts>): number {
  const isInside = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = all.get(at)?.parent) {
      if (at === root) return true;
    }
    return false;
  };
  return [...all].reduce((sum, [pid, { seconds }]) => (isInside(pid) ? sum + seconds : sum), 0);
}
