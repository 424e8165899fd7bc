import { isIPv6 } from 'node:net';

/** Wrong keys an address may try in a minute (reliability S-12). */
export const WRONG_KEYS_PER_MINUTE = 5;
const WINDOW_MS = 60_000;
/** Addresses remembered; the oldest are forgotten first, so that a flood from many addresses cannot eat memory. */
const MAX_ADDRESSES = 20_000;

/** An IPv6 customer owns a /64: counted as one. */
export function limiterKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? front : [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/**
 * Counts a try before the key is looked up and forgives it when the key was right, so that parallel guesses cannot slip through and
 * an encoder that reconnects often is never locked out.
 */
export function createWrongKeyLimiter(now: () => number) {
  const tries = new Map<string, number[]>();

  return {
    /** Null when the address has used up its tries; else a function that takes this try back. */
    begin(address: string): (() => void) | null {
      const key = limiterKey(address);
      const at = now();
      const recent = (tries.get(key) ?? []).filter((time) => at - time < WINDOW_MS);
      tries.delete(key);
      tries.set(key, recent);
      if (tries.size > MAX_ADDRESSES) {
        const oldest = tries.keys().next();
        if (!oldest.done) tries.delete(oldest.value);
      }
      if (recent.length >= WRONG_KEYS_PER_MINUTE) return null;
      recent.push(at);
      return () => {
        const index = recent.indexOf(at);
        if (index >= 0) recent.splice(index, 1);
        if (recent.length === 0 && tries.get(key) === recent) tries.delete(key);
      };
    },
  };
}
