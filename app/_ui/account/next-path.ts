/**
 * Where to go after signing in: a path of this site, never another site's address.
 * @param next the `next` parameter as it came
 */
export function safeNextPath(next: string | null | undefined, fallback = '/studio'): string {
  if (!next) return fallback;
  // `//host` and `/\host` are other sites to a browser; control characters are dropped by URL parsers.
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.includes('\\')) return fallback;
  return next;
}

/** The sign-in page's address that leads back to `path`. */
export function signInPath(path: string): string {
  return `/sign-in?next=${encodeURIComponent(path)}`;
}
