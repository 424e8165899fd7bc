import { createHmac, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHasher } from '#core/viewer/show-password';

/** 16 MB and about 40 ms of a core a try (RFC 7914): an audience shares it, so it is no account's password. */
const COST = { N: 16_384, r: 8, p: 1 };
const BYTES = 32;
const MOST_KNOWN = 1000;

function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, BYTES, { ...cost, maxmem: 64 * 1024 * 1024 }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/**
 * scrypt with a salt each: `scrypt.N.r.p.salt.key`. The right password of a show is worked out once a process: an audience that comes in one
 * minute types the same one thousands of times, and only wrong ones are slow.
 */
export function makePasswordHasher(): PasswordHasher {
  const processKey = randomBytes(32);
  const known = new Map<string, Buffer>();
  const mark = (password: string) => createHmac('sha256', processKey).update(password).digest();
  return {
    async hash(password) {
      const salt = randomBytes(16);
      const key = await derive(password, salt, COST);
      return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('.');
    },
    async verify(password, stored) {
      const right = known.get(stored);
      if (right && timingSafeEqual(right, mark(password))) return true;
      const [name, N, r, p, salt, key, ...rest] = stored.split('.');
      if (name !== 'scrypt' || !salt || !key || rest.length > 0) return false;
      const cost = { N: Number(N), r: Number(r), p: Number(p) };
      const found = await derive(password, Buffer.from(salt, 'base64url'), cost).catch(() => null);
      const wanted = Buffer.from(key, 'base64url');
      if (!found || found.length !== wanted.length || !timingSafeEqual(found, wanted)) return false;
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(stored, mark(password));
      return true;
    },
  };
}
