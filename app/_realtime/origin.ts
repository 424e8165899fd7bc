/**
 * Whether a page of this origin may open a socket. Browsers always say the origin; a request without one comes from a program, which may
 * listen and write as a guest. An install on loopback answers to each of loopback's names, on its own port.
 */
export function isAllowedOrigin(origin: string | undefined, ownOrigin: string): boolean {
  if (origin === undefined) return true;
  if (origin === ownOrigin) return true;
  return loopbackSpellings(ownOrigin).includes(origin);
}

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

function loopbackSpellings(ownOrigin: string): string[] {
  const own = new URL(ownOrigin);
  if (!LOOPBACK_HOSTS.includes(own.hostname)) return [];
  return LOOPBACK_HOSTS.map((host) => `${own.protocol}//${host}${own.port ? `:${own.port}` : ''}`);
}
