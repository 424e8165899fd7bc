import { createHash } from 'node:crypto';
import type { ApiKey, ApiKeyStore } from '#core/account/api-key';
import { run, type Sql } from './database.ts';

type Row = {
  id: string;
  user_id: string;
  name: string;
  prefix: string;
  created_at: Date;
  last_used_at: Date | null;
  expires_at: Date | null;
  revoked_at: Date | null;
};

const COLUMNS = 'id, user_id, name, prefix, created_at, last_used_at, expires_at, revoked_at';

/** API keys in PostgreSQL. The key has at least 128 random bits, so a plain SHA-256 cannot be searched back. */
export function postgresApiKeyStore(sql: Sql): ApiKeyStore {
  const hash = (plainText: string) => createHash('sha256').update(plainText).digest();
  return {
    async put(key, plainText) {
      await run(
        sql,
        `insert into api_keys (id, user_id, name, prefix, hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (hash) do nothing`,
        [key.id, key.userId, key.name, key.prefix, hash(plainText), key.createdAt, key.expiresAt],
      );
    },
    async use(plainText, now) {
      const { rows } = await run<Row>(
        sql,
        `select ${COLUMNS} from api_keys where hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`,
        [hash(plainText), now],
      );
      const row = rows[0];
      if (!row) return null;
      // Once a minute is enough for "last used"; every request would be a write.
      if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > 60_000) {
        await run(sql, 'update api_keys set last_used_at = $2 where id = $1', [row.id, now]);
      }
      return keyOf(row);
    },
    async revoke(id, now) {
      await run(sql, 'update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1', [id, now]);
    },
    async findOfUser(userId) {
      const { rows } = await run<Row>(sql, `select ${COLUMNS} from api_keys where user_id = $1 order by created_at`, [
        userId,
      ]);
      return rows.map(keyOf);
    },
  };
}

function keyOf(row: Row): ApiKey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    prefix: row.prefix,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
