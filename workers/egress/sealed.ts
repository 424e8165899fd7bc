import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const [IV_BYTES, TAG_BYTES, KEY_BYTES] = [12, 16, 32];

/** One key a purpose, from the secret that all egress workers of an installation share: LiveKit's API secret. */
function keyOf(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'openair egress', purpose, KEY_BYTES));
}

/**
 * Encrypts plain data (stream keys, storage credentials) for a place that others may read: Redis, a spool on disk. AES-256-GCM with a
 * key by HKDF (RFC 5869).
 * @param purpose names the place; what was sealed for one is not opened for another
 */
export function seal(secret: string, purpose: string, value: unknown): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret, purpose), iv);
  const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** @returns the data, or null when the bytes are cut, changed, or sealed with another secret */
export function unseal(secret: string, purpose: string, bytes: Uint8Array): unknown {
  try {
    const sealed = Buffer.from(bytes);
    const decipher = createDecipheriv(CIPHER, keyOf(secret, purpose), sealed.subarray(0, IV_BYTES));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const body = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
    return JSON.parse(Buffer.concat([body, decipher.final()]).toString('utf8'));
  } catch {
    return null;
  }
}
