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

/** Look-ups of one address that wait for others of it; more are refused. */
const MOST_WAITING = 64;

/** What one address tried: when its keys were wrong, how many are being looked up, and who waits for one of these. */
type Tries = { wrong: number[]; open: number; waiting: (() => void)[] };

/** Says how a try ended; called once. */
export type SettleTry = (wasRight: boolean) => void;

/**
 * Keeps the wrong keys of an address few. A try counts as wrong until it is settled, so that parallel guesses cannot slip through; those
 * above the limit wait for the ones under way, so that a studio whose encoders all come back at once is let in.
 */
export function createWrongKeyLimiter(now: () => number) {
  const addresses = new Map<string, Tries>();

  function triesOf(key: string): Tries {
    const tries = addresses.get(key) ?? { wrong: [], open: 0, waiting: [] };
    addresses.delete(key);
    addresses.set(key, tries);
    if (addresses.size > MAX_ADDRESSES) {
      const oldest = addresses.keys().next();
      if (!oldest.done) addresses.delete(oldest.value);
    }
    return tries;
  }

  return {
    /** Null when the address has used up its wrong keys, else what to call when this key was looked up. */
    async begin(address: string): Promise<SettleTry | null> {
      const key = limiterKey(address);
      const tries = triesOf(key);
      for (;;) {
        tries.wrong = tries.wrong.filter((time) => now() - time < WINDOW_MS);
        if (tries.wrong.length >= WRONG_KEYS_PER_MINUTE) return null;
        if (tries.wrong.length + tries.open < WRONG_KEYS_PER_MINUTE) break;
        if (tries.waiting.length >= MOST_WAITING) return null;
        await new Promise<void>((resolve) => tries.waiting.push(resolve));
      }
      tries.open += 1;
      return (wasRight) => {
        tries.open -= 1;
        if (!wasRight) tries.wrong.push(now());
        const isIdle = tries.open === 0 && tries.wrong.length === 0 && tries.waiting.length === 0;
        if (isIdle && addresses.get(key) === tries) addresses.delete(key);
        // Each looks for itself whether there is room.
        for (const look of tries.waiting.splice(0)) look();
      };
    },
  };
}
