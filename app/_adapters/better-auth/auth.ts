import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { admin } from 'better-auth/plugins/admin';
import type { Pool } from 'pg';
import { z } from 'zod';

export type AuthSettings = {
  pool: Pool;
  /** Origin of the pages, no trailing slash; decides the cookie's flags and is the only trusted origin. */
  url: string;
  /** Key material of this one purpose, 32 bytes or more. */
  secret: string;
};

const SESSION_S = 30 * 86_400;

/**
 * Cookies ignore ports, and two installs may share 127.0.0.1: the port is part of the name. With https the name begins with
 * `__Host-`, which binds it to exactly this host.
 */
export function cookieName(url: string): string {
  const { protocol, port } = new URL(url);
  return protocol === 'https:' ? '__Host-openair' : `openair-${port || '80'}`;
}

/** Signs a known person in; reachable from our own code only. */
const signInById = {
  id: 'sign-in-by-id',
  endpoints: {
    signInById: createAuthEndpoint(
      '/sign-in/by-id',
      { method: 'POST', body: z.object({ userId: z.string() }), metadata: { SERVER_ONLY: true } },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
        if (!user) throw ctx.error('UNAUTHORIZED');
        const session = await ctx.context.internalAdapter.createSession(user.id);
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ user });
      },
    ),
  },
} as const;

function authOptions({ pool, url, secret }: AuthSettings) {
  const secure = url.startsWith('https://');
  return {
    appName: 'Openair',
    baseURL: url,
    basePath: '/api/auth',
    secret,
    database: pool,
    trustedOrigins: [url],
    telemetry: { enabled: false },
    logger: { disabled: true },
    // Accounts are made by the installation; open registration comes with the pages for it.
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: SESSION_S, updateAge: 86_400 },
    rateLimit: { enabled: true, window: 60, max: 120 },
    advanced: {
      useSecureCookies: false,
      cookies: { session_token: { name: cookieName(url), attributes: { secure, sameSite: 'lax' as const } } },
      ipAddress: { ipAddressHeaders: ['x-forwarded-for'] },
    },
    plugins: [admin(), signInById],
  } satisfies BetterAuthOptions;
}

/** better-auth on our PostgreSQL. Build it at first use, never at import: `next build` has no database. */
export function makeAuth(settings: AuthSettings) {
  return betterAuth(authOptions(settings));
}
export type Auth = ReturnType<typeof makeAuth>;
