import { createHash } from 'node:crypto';
import type { SignInLinkStore } from '#core/account/sign-in-link';
import { run, type Sql } from './database.ts';

/** One-time sign-in links in PostgreSQL; using one up is a single statement. */
export function postgresSignInLinkStore(sql: Sql): SignInLinkStore {
  const hash = (token: string) => createHash('sha256').update(token).digest();
  return {
    async add(token, userId, expiresAt) {
      await run(sql, "delete from sign_in_links where expires_at < now() - interval '1 day'");
      await run(sql, 'insert into sign_in_links (hash, user_id, expires_at) values ($1, $2, $3)', [
        hash(token),
        userId,
        expiresAt,
      ]);
    },
    async consume(token, now) {
      const { rows } = await run<{ user_id: string }>(
        sql,
        'update sign_in_links set used_at = $2 where hash = $1 and used_at is null and expires_at > $2 returning user_id',
        [hash(token), now],
      );
      return rows[0]?.user_id ?? null;
    },
  };
}
