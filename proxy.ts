import { type NextRequest, NextResponse } from 'next/server';
import { env } from '#wiring/env';
import { contentSecurityPolicy, fixedHeaders, type Origins, writesOwnPolicy } from './app/_ui/security-headers.ts';

/** Origins for the policy; with a broken configuration pages still come, closed to all but our own origin. */
function origins(): Origins {
  try {
    const { OPENAIR_URL, OPENAIR_PLAYBACK_URL, LIVEKIT_PUBLIC_URL } = env();
    return { site: OPENAIR_URL, playback: OPENAIR_PLAYBACK_URL, livekit: LIVEKIT_PUBLIC_URL.replace(/\/$/, '') };
  } catch {
    return {};
  }
}

/** Gives every page its security headers and a fresh nonce (`x-nonce`, read by the layout and by Next itself). */
export function proxy(request: NextRequest): NextResponse {
  const path = request.nextUrl.pathname;
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(path, nonce, origins(), process.env.NODE_ENV === 'development');

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
