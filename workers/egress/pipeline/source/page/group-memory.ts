import { readdir, readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/**
 * Memory that the processes of one group hold for themselves, in MB: resident without what they share, which would be counted once for each.
 * @returns 0 when the group is gone or there is no /proc
 */
export async function groupMemoryMb(group: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const pages = await Promise.all(pids.map((pid) => ownPages(pid, group).catch(() => 0)));
  return Math.round((pages.reduce((sum, one) => sum + one, 0) * PAGE_BYTES) / 1024 / 1024);
}

async function ownPages(pid: string, group: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; fields are counted after it.
  if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) !== group) return 0;
  const [, resident = 0, shared = 0] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ').map(Number);
  return resident - shared;
}
