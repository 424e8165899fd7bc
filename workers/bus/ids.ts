import { randomInt } from 'node:crypto';

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** An id of psrpc's shape: prefix and twelve characters (70 bits). */
export function makeBusId(prefix: 'SRV_' | 'CLI_' | 'REQ_'): string {
  let id: string = prefix;
  for (let i = 0; i < 12; i++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}
