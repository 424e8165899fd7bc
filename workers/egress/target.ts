import { isIP } from 'node:net';
import { parseIp } from '#core/destination/ip-address';
import { judgeTarget, readTargetPolicy } from '#core/destination/target-address';
import { lookUp } from './look-up.ts';

/** `allow`: special addresses that are allowed after all, as addresses, CIDRs or host names. `denyPorts`: our own, refused on any of them. */
export type TargetRules = { allow: string[]; denyPorts: number[] };

/** Whether we may connect to this address: an ordinary public one, or one that the rules except. The same judge as the API's. */
export function isAllowedTarget(address: string, port: number, host: string, rules: TargetRules | undefined): boolean {
  const ip = parseIp(address);
  const policy = readTargetPolicy((rules?.allow ?? []).join(), (rules?.denyPorts ?? []).join());
  return ip !== null && judgeTarget(policy, { host, port, address: ip }).ok;
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
