import { Resolver } from 'node:dns';
import { lookup } from 'node:dns/promises';

/** Two tries of this length for each name server. */
const TRY_MS = 1500;

/**
 * Addresses of a host, IPv4 first. Asks DNS over sockets: the system's own look-up holds one of libuv's threads while a name server is
 * silent, and the encoders need these. Names that DNS does not know (`/etc/hosts`, search domains) are asked of the system after all,
 * one at a time.
 * @throws Error with code ENOTFOUND, or ETIMEOUT when no name server answers
 */
export async function lookUp(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: TRY_MS, tries: 2 });
  const [v4, v6] = await Promise.all([ask(resolver, 'resolve4', host), ask(resolver, 'resolve6', host)]);
  const found = [...v4.addresses, ...v6.addresses];
  if (found.length > 0) return found;
  if (v4.code === 'ETIMEOUT') throw Object.assign(new Error('no name server answers'), { code: 'ETIMEOUT' });
  return askSystem(host);
}

type Found = { addresses: string[]; code: string };

function ask(resolver: Resolver, kind: 'resolve4' | 'resolve6', host: string): Promise<Found> {
  return new Promise((resolve) => {
    resolver[kind](host, (error, addresses) => resolve({ addresses: addresses ?? [], code: error?.code ?? '' }));
  });
}

let lane: Promise<unknown> = Promise.resolve();

function askSystem(host: string): Promise<string[]> {
  const answer = lane.then(async () => (await lookup(host, { all: true })).map(({ address }) => address));
  lane = answer.catch(() => undefined);
  return answer;
}
