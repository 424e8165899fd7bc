import { type NextRequest, NextResponse } from 'next/server';
import { env } from '#wiring/env';
import { contentSecurityPolicy, fixedHeaders, type Origins, writesOwnPolicy } from './app/_ui/security-headers.ts';

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

/** Gives every page its security headers and a fresh nonce (`x-nonce`, read by the layout and by Next itself). */
export function proxy(request: NextRequest): NextResponse {
  const path = request.nextUrl.pathname;
  const nonce = btoa(crypto.randomUUID());
  const { origins, isDevelopment } = readSettings();
  const policy = contentSecurityPolicy(path, nonce, origins, isDevelopment);

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
