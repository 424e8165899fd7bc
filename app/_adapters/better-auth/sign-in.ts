import { APIError } from 'better-auth/api';
import type { Pool } from 'pg';
import type { SignedIn, SignIn } from '#core/account/sign-in';
import type { Auth } from './auth.ts';

type AnyUser = { id: string; name: string; email: string; role?: string | null };

/** Accounts and sign-in by better-auth. */
export function betterAuthSignIn(auth: Auth, pool: Pool): SignIn {
  return {
    async withPassword(email, password, headers) {
      try {
        const answer = await auth.api.signInEmail({ body: { email, password }, headers, returnHeaders: true });
        return signedIn(answer.response.user, answer.headers);
      } catch (error) {
        if (error instanceof APIError && error.statusCode < 500) return null;
        throw error;
      }
    },
    async asUser(userId, headers) {
      const answer = await auth.api.signInById({ body: { userId }, headers, returnHeaders: true });
      return signedIn(answer.response.user, answer.headers);
    },
    async signOut(headers) {
      const answer = await auth.api.signOut({ headers, returnHeaders: true });
      return { cookies: answer.headers.getSetCookie() };
    },
    async ensureUser({ email, password, name, isAdmin }) {
      const known = await pool.query<{ id: string }>('select id from "user" where email = $1', [email.toLowerCase()]);
      if (known.rows[0]) return known.rows[0].id;
      const made = await auth.api.createUser({ body: { email, password, name, role: isAdmin ? 'admin' : 'user' } });
      return made.user.id;
    },
    async adminId() {
      const found = await pool.query<{ id: string }>(
        'select id from "user" where role = $1 order by "createdAt" limit 1',
        ['admin'],
      );
      return found.rows[0]?.id ?? null;
    },
  };
}

function signedIn(user: AnyUser, headers: Headers): SignedIn {
  return {
    userId: user.id,
    name: user.name,
    email: user.email,
    isAdmin: user.role === 'admin',
    cookies: headers.getSetCookie(),
  };
}
