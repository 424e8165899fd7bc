/** An address as 4 or 16 bytes. */
export type IpAddress = readonly number[];

/**
 * Reads every spelling of an IPv4 address that some resolver accepts: dotted, hexadecimal, octal, and with fewer than four
 * parts (`127.1`, `0x7f000001`, `017700000001`). Null for anything else. Source: inet_aton(3), WHATWG URL 3.5.
 */
export function parseIpv4(text: string): IpAddress | null {
  const parts = text.endsWith('.') ? text.slice(0, -1).split('.') : text.split('.');
  if (parts.length === 0 || parts.length > 4) return null;
  const numbers: number[] = [];
  for (const part of parts) {
    if (!/^(0[xX][0-9a-fA-F]*|[0-9]+)$/.test(part)) return null;
    const hex = /^0[xX]/.test(part);
    const octal = !hex && part.length > 1 && part.startsWith('0');
    if (octal && /[89]/.test(part)) return null;
    const value = hex ? Number.parseInt(part.slice(2) || '0', 16) : Number.parseInt(part, octal ? 8 : 10);
    if (!Number.isSafeInteger(value)) return null;
    numbers.push(value);
  }
  const last = numbers.pop() ?? 0;
  if (numbers.some((one) => one > 255) || last >= 256 ** (4 - numbers.length)) return null;
  const tail = Array.from(
    { length: 4 - numbers.length },
    (_, at) => Math.floor(last / 256 ** (3 - numbers.length - at)) % 256,
  );
  return [...numbers, ...tail];
}

/** Reads an IPv6 address, with or without brackets, `::`, an IPv4 tail or a zone. Null for anything else. RFC 4291 2.2. */
export function parseIpv6(text: string): IpAddress | null {
  let body = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  body = body.split('%')[0] ?? '';
  if (!body.includes(':')) return null;
  const tail = body.slice(body.lastIndexOf(':') + 1);
  if (tail.includes('.')) {
    const four = parseIpv4(tail);
    if (!four || tail.split('.').length !== 4) return null;
    const [a = 0, b = 0, c = 0, d = 0] = four;
    body = `${body.slice(0, -tail.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return null;
  const groups = (half: string | undefined): string[] => (half ? half.split(':') : []);
  const left = groups(halves[0]);
  const right = groups(halves[1]);
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...left, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...right];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return all.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** Reads either kind. */
export function parseIp(text: string): IpAddress | null {
  return parseIpv6(text) ?? parseIpv4(text);
}

/** A block of addresses, `10.0.0.0/8` or `fe80::/10`; a single address is a block of one. Null when unreadable. */
export type Cidr = { base: IpAddress; bits: number };

export function parseCidr(text: string): Cidr | null {
  const [address = '', length, ...rest] = text.split('/');
  const base = parseIp(address);
  if (!base || rest.length > 0) return null;
  const widest = base.length * 8;
  const bits = length === undefined ? widest : Number(length);
  return Number.isInteger(bits) && bits >= 0 && bits <= widest && length !== '' ? { base, bits } : null;
}

/** True when the address lies in the block; the two kinds never match each other. */
export function isInside(address: IpAddress, { base, bits }: Cidr): boolean {
  if (address.length !== base.length) return false;
  for (let bit = 0; bit < bits; bit += 8) {
    const keep = Math.min(8, bits - bit);
    const mask = (0xff << (8 - keep)) & 0xff;
    if (((address[bit / 8] ?? 0) & mask) !== ((base[bit / 8] ?? 0) & mask)) return false;
  }
  return true;
}
