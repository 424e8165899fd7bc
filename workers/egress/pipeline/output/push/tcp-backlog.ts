import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** How long one reading of the kernel's table serves all connections. */
const FRESH_MS = 800;
const TABLES = { IPv4: '/proc/self/net/tcp', IPv6: '/proc/self/net/tcp6' } as const;
const readings = new Map<string, { atMs: number; table: Promise<string> }>();

/**
 * Bytes the kernel still holds for the peer (`tx_queue`): not yet acknowledged. A slow reader lets them grow to megabytes that Node's own
 * count takes for sent. 0 where /proc cannot tell. The table is read once for all destinations, since it lists every socket there is.
 */
export async function kernelBacklog(socket: Socket): Promise<number> {
  const { localPort, remotePort, localFamily } = socket;
  if (!localPort || !remotePort) return 0;
  const table = await read(localFamily === 'IPv6' ? TABLES.IPv6 : TABLES.IPv4);
  const row = new RegExp(`:${hex(localPort)} [0-9A-F]+:${hex(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`).exec(table);
  return row?.[1] ? Number.parseInt(row[1], 16) : 0;
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

function read(path: string): Promise<string> {
  const last = readings.get(path);
  if (last && performance.now() - last.atMs < FRESH_MS) return last.table;
  const table = readFile(path, 'latin1').catch(() => '');
  readings.set(path, { atMs: performance.now(), table });
  return table;
}
