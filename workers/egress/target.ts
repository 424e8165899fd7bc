import { BlockList, isIP } from 'node:net';
import { lookUp } from './look-up.ts';

export type TargetRules = { allow: string[]; denyPorts: number[] };

/** Addresses that are not the public internet's (IANA special purpose registries). */
const notGlobal = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  notGlobal.addSubnet(net, bits, 'ipv4');
}
/** Global unicast is 2000::/3; 6to4, Teredo, documentation and benchmarking in it are not for us. */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');
const notGlobalV6 = new BlockList();
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  notGlobalV6.addSubnet(net, bits, 'ipv6');
}

/** Whether a push may connect to this address; `rules.allow` lists exceptions as addresses, CIDRs or host names. */
export function isAllowedTarget(address: string, port: number, host: string, rules: TargetRules | undefined): boolean {
  if (rules?.denyPorts.includes(port) && isOurs(address)) return false;
  if (isGlobal(address)) return true;
  return (rules?.allow ?? []).some((entry) => entry === host || covers(entry, address));
}

function isOurs(address: string): boolean {
  return !isGlobal(address);
}

function isGlobal(address: string): boolean {
  if (isIP(address) === 4) return !notGlobal.check(address, 'ipv4');
  if (isIP(address) !== 6) return false;
  return globalV6.check(address, 'ipv6') && !notGlobalV6.check(address, 'ipv6');
}

function covers(entry: string, address: string): boolean {
  const [net = '', bits] = entry.split('/');
  const family = isIP(net);
  if (family === 0 || family !== isIP(address)) return false;
  const list = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const size = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  if (!Number.isInteger(size) || size < 0 || size > (family === 4 ? 32 : 128)) return false;
  list.addSubnet(net, size, kind);
  return list.check(address, kind);
}

/**
 * Resolves a host once; the connection goes to the address that was checked (S-1: no second look-up in between).
 * @throws Error with code ENOTFOUND, or EFORBIDDEN when every address is refused
 */
export async function resolveTarget(
  target: { host: string; port: number },
  rules: TargetRules | undefined,
): Promise<string> {
  const found = isIP(target.host) ? [target.host] : await lookUp(target.host);
  const allowed = found.find((address) => isAllowedTarget(address, target.port, target.host, rules));
  if (allowed) return allowed;
  throw Object.assign(new Error('the address is not public'), { code: 'EFORBIDDEN' });
}
