import { type Cidr, type IpAddress, isInside, parseCidr, parseIp } from './ip-address.ts';

/** Why an address is no place for outgoing media, or null when it is an ordinary public one. */
export type SpecialRange = { range: string; what: string };

const SPECIAL: readonly [string, string][] = [
  // IPv4, RFC 6890 and IANA's special-purpose registry.
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local, cloud metadata'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'AMT'],
  ['192.88.99.0/24', '6to4 relays'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarks'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, broadcast'],
  // IPv6.
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['64:ff9b:1::/48', 'local NAT64'],
  ['100::/64', 'discard'],
  ['100:0:0:1::/64', 'dummy prefix'],
  ['2001::/23', 'protocol assignments, Teredo'],
  ['2001:db8::/32', 'documentation'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];

const RANGES = SPECIAL.map(([range, what]) => ({ range, what, cidr: requireCidr(range) }));
/** All that is global unicast in IPv6; the rest is unassigned. */
const GLOBAL_UNICAST = requireCidr('2000::/3');

/** Blocks that carry an IPv4 address inside: its first byte's place. The inner address decides. */
const CARRIERS: readonly { cidr: Cidr; at: number }[] = [
  { cidr: requireCidr('::ffff:0:0/96'), at: 12 }, // IPv4-mapped, RFC 4291
  { cidr: requireCidr('::ffff:0:0:0/96'), at: 12 }, // IPv4-translated, RFC 2765
  { cidr: requireCidr('::/96'), at: 12 }, // IPv4-compatible, deprecated
  { cidr: requireCidr('64:ff9b::/96'), at: 12 }, // NAT64, RFC 6052
  { cidr: requireCidr('2002::/16'), at: 2 }, // 6to4, RFC 3056
];

/** Says what is special about an address; null for an ordinary public one. */
export function classifyAddress(address: IpAddress): SpecialRange | null {
  for (const { range, what, cidr } of RANGES) if (isInside(address, cidr)) return { range, what };
  if (address.length === 4) return null;
  const inner = innerIpv4(address);
  if (inner) {
    const special = classifyAddress(inner);
    return special && { range: special.range, what: `${special.what}, inside an IPv6 address` };
  }
  return isInside(address, GLOBAL_UNICAST) ? null : { range: '::/0', what: 'unassigned' };
}

/** The IPv4 address that an IPv6 address carries, or null. */
export function innerIpv4(address: IpAddress): IpAddress | null {
  if (address.length !== 16) return null;
  const carrier = CARRIERS.find(({ cidr }) => isInside(address, cidr));
  return carrier ? address.slice(carrier.at, carrier.at + 4) : null;
}

/** What the operator allows although it is special, and what is never a target. */
export type TargetPolicy = {
  allowedHosts: readonly string[];
  allowedBlocks: readonly Cidr[];
  ownPorts: readonly number[];
};

/**
 * Reads `OPENAIR_ALLOW_TARGETS` (hosts and CIDRs) and `OPENAIR_OWN_PORTS`, both separated by commas.
 * An entry that looks like an address but cannot be read is ignored: it must not allow anything.
 */
export function readTargetPolicy(allow: string, ownPorts: string): TargetPolicy {
  const entries = allow
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter(Boolean);
  const blocks = entries.map(parseCidr).filter((one): one is Cidr => one !== null);
  return {
    allowedBlocks: blocks,
    allowedHosts: entries.filter((one) => parseCidr(one) === null && /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/.test(one)),
    ownPorts: ownPorts
      .split(',')
      .map(Number)
      .filter((port) => Number.isInteger(port) && port > 0),
  };
}

export type TargetVerdict = { ok: true } | { ok: false; reason: 'special' | 'own-port'; sentence: string };

/**
 * Judges one address of a target. `host` is the name as given (a name may be allowed as such).
 * Our own ports are refused on every special address, allowed or not; a public platform may use any port.
 */
export function judgeTarget(
  policy: TargetPolicy,
  target: { host: string; port: number; address: IpAddress },
): TargetVerdict {
  const special = classifyAddress(target.address);
  if (!special) return { ok: true };
  if (policy.ownPorts.includes(target.port)) {
    return { ok: false, reason: 'own-port', sentence: `Port ${target.port} on this address is one of Openair’s own.` };
  }
  const inner = innerIpv4(target.address);
  const allowed =
    policy.allowedHosts.includes(plainHost(target.host)) ||
    policy.allowedBlocks.some((block) => isInside(target.address, block) || (inner !== null && isInside(inner, block)));
  if (allowed) return { ok: true };
  return {
    ok: false,
    reason: 'special',
    sentence: `This address is not public (${special.what}). The operator can allow it in OPENAIR_ALLOW_TARGETS.`,
  };
}

/** Lower case, without brackets and without the root's dot: `LOCALHOST.` and `localhost` are one. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.+$/, '');
}

/** Names that mean this machine whatever a resolver says (RFC 6761). */
export function isLocalName(host: string): boolean {
  const plain = plainHost(host);
  return (
    plain === 'localhost' || plain.endsWith('.localhost') || plain.endsWith('.local') || plain.endsWith('.internal')
  );
}

function requireCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new RangeError(`not a block of addresses: ${text}`);
  return cidr;
}

/** The address a host is, when it is one; null for a name. */
export function addressOfHost(host: string): IpAddress | null {
  return parseIp(plainHost(host));
}
