/** A key for programs. Only its SHA-256 is stored; the prefix tells keys apart in a list. */
export type ApiKey = {
  id: string;
  userId: string;
  name: string;
  /** First characters of the key, for people. */
  prefix: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
};

/** Port: API keys. */
export type ApiKeyStore = {
  /** Stores a key; one that is there already stays as it is. */
  put(key: ApiKey, plainText: string): Promise<void>;
  /** The key if it is known, not revoked and not expired at `now`; notes the use. */
  use(plainText: string, now: Date): Promise<ApiKey | null>;
  revoke(id: string, now: Date): Promise<void>;
  findOfUser(userId: string): Promise<ApiKey[]>;
};
