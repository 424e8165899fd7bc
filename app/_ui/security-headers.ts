/** What the Content-Security-Policy must name beside our own origin; origins without a trailing slash. */
export type Origins = { site?: string; playback?: string; livekit?: string };

/**
 * The Content-Security-Policy of a page. Scripts run by nonce alone; style attributes are allowed because server-rendered
 * sizes and positions are attributes, style elements need the nonce.
 * @param nonce fresh for each answer, base64
 * @param ancestors the directive on frames, where the channel has a say
 */
export function contentSecurityPolicy(
  path: string,
  nonce: string,
  origins: Origins,
  development: boolean,
  ancestors = isEmbed(path) ? 'frame-ancestors *' : OURS_ALONE,
): string {
  const sockets = origins.site ? [origins.site.replace(/^http/, 'ws')] : [];
  // livekit-client also asks LiveKit by plain http when a connection fails, to say why.
  const livekit = origins.livekit ? [origins.livekit, origins.livekit.replace(/^ws/, 'http')] : [];
  const playback = origins.playback ? [origins.playback] : [];
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    // React's development build rebuilds stacks with eval.
    'script-src': ["'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    'style-src': ["'self'", ...(development ? ["'unsafe-inline'"] : [`'nonce-${nonce}'`])],
    'style-src-attr': ["'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:', ...playback],
    'font-src': ["'self'"],
    'media-src': ["'self'", 'blob:', ...playback],
    'worker-src': ["'self'", 'blob:'],
    'connect-src': ["'self'", ...new Set([...sockets, ...playback, ...livekit])],
    'frame-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
  };
  return [...Object.entries(directives).map(([name, values]) => `${name} ${values.join(' ')}`), ancestors].join('; ');
}

/** Frames of our own pages and nobody else's. */
export const OURS_ALONE = "frame-ancestors 'self'";

/** Handle of the channel whose list decides who may frame this page; null for other pages, and for the one that writes its policy itself. */
export const framedRoom = (path: string): string | null =>
  /^\/embed\/([a-z0-9][a-z0-9-]{0,63})\/room$/i.exec(path)?.[1]?.toLowerCase() ?? null;

/** The other headers of a page. Camera and microphone are for our own pages, never for a page in somebody's frame. */
export function fixedHeaders(path: string): Record<string, string> {
  const devices = isEmbed(path) ? '()' : '(self)';
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': `camera=${devices}, microphone=${devices}, display-capture=${devices}, geolocation=(), payment=(), usb=()`,
    ...(isEmbed(path) ? {} : { 'cross-origin-opener-policy': 'same-origin', 'x-frame-options': 'SAMEORIGIN' }),
  };
}

/**
 * True for the page that writes the policy itself, since it knows whose frames it may be in: it gets the policy as a request header. Next would
 * not keep both, its own before that of a route.
 */
export const writesOwnPolicy = (path: string): boolean => /^\/embed\/[^/]+$/.test(path);

function isEmbed(path: string): boolean {
  return path === '/embed' || path.startsWith('/embed/');
}
