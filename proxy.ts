import { type NextRequest, NextResponse } from 'next/server';
import { env } from '#wiring/env';
import {
  contentSecurityPolicy,
  fixedHeaders,
  framedRoom,
  type Origins,
  OURS_ALONE,
  writesOwnPolicy,
} from './app/_ui/security-headers.ts';

/** What the policy depends on; with a broken configuration pages still come, closed to all but our own origin. */
function readSettings(): { origins: Origins; isDevelopment: boolean } {
  try {
    const { NODE_ENV, OPENAIR_URL, OPENAIR_PLAYBACK_URL, LIVEKIT_PUBLIC_URL } = env();
    const livekit = LIVEKIT_PUBLIC_URL.replace(/\/$/, '');
    const origins = { site: OPENAIR_URL, playback: OPENAIR_PLAYBACK_URL, livekit };
    return { origins, isDevelopment: NODE_ENV === 'development' };
  } catch {
    return { origins: {}, isDevelopment: false };
  }
}

const RULES_WITHIN_MS = 3000;

/**
 * Whose pages may frame an embed page that React paints: its headers are written here, before anything is read. Nobody's but ours while that
 * cannot be told, for then the page could tell nothing either.
 */
async function framedBy(path: string): Promise<string | undefined> {
  const handle = framedRoom(path);
  if (handle === null) return undefined;
  try {
    const { WEB_PORT, OPENAIR_BIND, OPENAIR_SERVICE_SECRET } = env();
    const host = ['0.0.0.0', '::'].includes(OPENAIR_BIND) ? '127.0.0.1' : OPENAIR_BIND;
    const answer = await fetch(`http://${host}:${WEB_PORT}/api/internal/frame-ancestors`, {
      method: 'POST',
      headers: { authorization: `Bearer ${OPENAIR_SERVICE_SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify({ handle }),
      signal: AbortSignal.timeout(RULES_WITHIN_MS),
    });
    return answer.ok ? (await answer.json()).ancestors : OURS_ALONE;
  } catch {
    return OURS_ALONE;
  }
}

/** Gives every page its security headers and a fresh nonce (`x-nonce`, read by the layout and by Next itself). */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const path = request.nextUrl.pathname;
  const nonce = btoa(crypto.randomUUID());
  const { origins, isDevelopment } = readSettings();
  const policy = contentSecurityPolicy(path, nonce, origins, isDevelopment, await framedBy(path));

  const forwarded = new Headers(request.headers);
  forwarded.set('x-nonce', nonce);
  forwarded.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers: forwarded } });
  if (!writesOwnPolicy(path)) response.headers.set('content-security-policy', policy);
  for (const [name, value] of Object.entries(fixedHeaders(path))) response.headers.set(name, value);
  return response;
}

export const config = {
  matcher: [{ source: '/((?!api/|_next/static/|_next/image/|favicon.ico|icon.svg).*)' }],
};
