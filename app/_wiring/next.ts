import 'server-only';
import { headers } from 'next/headers';
import type { Actor } from '#core/account/actor';
import { env } from './env.ts';
import { buildServices, type Services } from './services.ts';

/** Kept on globalThis: in development Next loads modules again, and each time would open new connections. */
const KEY = Symbol.for('openair.services');
type Holder = { [KEY]?: Services };

/** The web process's services, built at first use (never at import: `next build` has no environment). */
export function getServices(): Services {
  const holder = globalThis as Holder;
  holder[KEY] ??= buildServices(env(), { name: 'web' });
  return holder[KEY];
}

/** Who asks for this page. */
export async function getActor(): Promise<Actor> {
  return getServices().accounts.actorFromHeaders(await headers());
}
