import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

export type PortHolder = { port: number; protocol: 'tcp' | 'udp'; pid: number | null; command: string };

/**
 * Who holds these ports, from the kernel's own tables (proc(5), /proc/net/tcp): no tool needed, no connection made.
 * @param tcp ports somebody may listen on @param udp likewise
 */
export function findHolders(tcp: number[], udp: number[]): PortHolder[] {
  const taken = [
    ...sockets(['/proc/net/tcp', '/proc/net/tcp6'], (state) => state === LISTEN).map((one) => ({
      ...one,
      protocol: 'tcp' as const,
    })),
    ...sockets(['/proc/net/udp', '/proc/net/udp6'], () => true).map((one) => ({ ...one, protocol: 'udp' as const })),
  ].filter((one) => (one.protocol === 'tcp' ? tcp : udp).includes(one.port));
  if (taken.length === 0) return [];
  const owners = ownersOf(new Set(taken.map((one) => one.inode)));
  const seen = new Set<string>();
  return taken.flatMap(({ port, protocol, inode }) => {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const pid = owners.get(inode) ?? null;
    return [{ port, protocol, pid, command: pid === null ? 'another user’s process' : commandOf(pid) }];
  });
}

function sockets(files: string[], wanted: (state: string) => boolean): { port: number; inode: string }[] {
  return files.flatMap((file) => {
    let text = '';
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      return []; // no IPv6 on this machine
    }
    return text
      .trim()
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const fields = line.trim().split(/\s+/);
        const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
        return wanted(fields[3] ?? '') ? [{ port, inode: fields[9] ?? '' }] : [];
      });
  });
}

function ownersOf(inodes: Set<string>): Map<string, number> {
  const owners = new Map<string, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      for (const handle of readdirSync(`/proc/${name}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${name}/fd/${handle}`))?.[1];
        if (inode && inodes.has(inode)) owners.set(inode, Number(name));
      }
    } catch {
      // Another user's process, or one that just ended.
    }
  }
  return owners;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim().slice(0, 80);
  } catch {
    return 'a process that just ended';
  }
}
