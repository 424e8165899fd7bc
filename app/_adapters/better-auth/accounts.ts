import type { Accounts } from '#core/account/accounts';
import { ANONYMOUS } from '#core/account/actor';
import type { ApiKeyStore } from '#core/account/api-key';
import type { Clock } from '#core/shared/clock';
import type { Auth } from './auth.ts';

const BEARER = /^Bearer ([A-Za-z0-9_\-.~+/=]{16,256})$/;

/** Who asks: an API key first, else the sign-in cookie. */
export function betterAuthAccounts(auth: () => Auth, keys: ApiKeyStore, clock: Clock): Accounts {
  return {
    async actorFromHeaders(headers) {
      const authorization = headers.get('authorization');
      if (authorization) {
        // A wrong key is nobody, even with a cookie beside it: whoever sends a key means it.
        const plainText = BEARER.exec(authorization)?.[1];
        const key = plainText ? await keys.use(plainText, clock.now()) : null;
        return key ? { kind: 'api-key', keyId: key.id, isAdmin: true, userId: key.userId } : ANONYMOUS;
      }
      if (!headers.get('cookie')) return ANONYMOUS;
      const found = await auth().api.getSession({ headers: onlyCookie(headers) });
      if (!found || found.user.banned) return ANONYMOUS;
      const { id, name, email, role } = found.user;
      return { kind: 'user', userId: id, name, email, isAdmin: role === 'admin' };
    },
  };
}

function onlyCookie(headers: Headers): Headers {
  return new Headers({ cookie: headers.get('cookie') ?? '' });
}
