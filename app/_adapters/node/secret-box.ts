import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '#core/shared/app-error';

/**
 * Keeps secrets at rest: AES-256-GCM, random nonce, bound to its place (table, row), so that a sealed text moved to another
 * row does not open. Text form `v1.{key id}.{nonce}.{sealed}` leaves room for rotation.
 */
export type SecretBox = {
  seal(place: string, plainText: string): string;
  /** @throws AppError 'internal' when the text was made with another key or for another place */
  open(place: string, sealed: string): string;
  /** Keyed hash by which a secret is looked up without being readable. */
  lookup(purpose: string, plainText: string): Buffer;
};

const KEY_ID = '1';

/** @param secret the install's OPENAIR_SECRET; each purpose gets a key of its own by HKDF (RFC 5869) */
export function makeSecretBox(secret: string): SecretBox {
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'openair', purpose, 32));
  const sealing = key('seal');
  const looking = key('lookup');
  return {
    seal(place, plainText) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return ['v1', KEY_ID, nonce.toString('base64url'), body.toString('base64url')].join('.');
    },
    open(place, sealed) {
      const [version, keyId, nonce, body] = sealed.split('.');
      try {
        if (version !== 'v1' || keyId !== KEY_ID || !nonce || !body) throw new Error('unknown form');
        const bytes = Buffer.from(body, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', sealing, Buffer.from(nonce, 'base64url'))
          .setAAD(Buffer.from(place))
          .setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError('internal', {
          blame: 'operator',
          retry: 'after-edit',
          message: 'A stored secret cannot be read: OPENAIR_SECRET is not the one it was stored with.',
          detail: `place ${place}`,
          cause,
        });
      }
    },
    lookup: (purpose, plainText) => createHmac('sha256', looking).update(`${purpose}:${plainText}`).digest(),
  };
}
