import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from './write-private.ts';

/** Secrets of one install, each with 256 bits unless said otherwise; made once, kept in HOME/secrets.json (600). */
export type Secrets = {
  OPENAIR_SECRET: string;
  OPENAIR_SERVICE_SECRET: string;
  OPENAIR_API_KEY: string;
  OPENAIR_ADMIN_PASSWORD: string;
  LIVEKIT_API_KEY: string;
  LIVEKIT_API_SECRET: string;
  TURN_SECRET: string;
  REDIS_PASSWORD: string;
  POSTGRES_PASSWORD: string;
  S3_ACCESS_KEY: string;
  S3_SECRET_KEY: string;
};

const random = (bytes: number) => randomBytes(bytes).toString('base64url');

const MAKE: { [name in keyof Secrets]: () => string } = {
  OPENAIR_SECRET: () => random(32),
  OPENAIR_SERVICE_SECRET: () => random(32),
  OPENAIR_API_KEY: () => `oa_${random(32)}`,
  // Typed by a person now and then: 120 bits, without the signs that are hard to tell apart when read aloud.
  OPENAIR_ADMIN_PASSWORD: () => randomBytes(15).toString('hex').match(/.{5}/g)?.join('-') ?? random(20),
  LIVEKIT_API_KEY: () => `API${randomBytes(6).toString('hex')}`,
  LIVEKIT_API_SECRET: () => random(32),
  TURN_SECRET: () => random(32),
  REDIS_PASSWORD: () => random(32),
  POSTGRES_PASSWORD: () => random(32),
  // MinIO takes access keys of up to 20 characters, secrets of up to 40.
  S3_ACCESS_KEY: () => randomBytes(10).toString('hex'),
  S3_SECRET_KEY: () => randomBytes(20).toString('hex'),
};

/** Reads the home's secrets and makes the ones that are not there yet. */
export function keepSecrets(home: string): Secrets {
  const file = join(home, 'secrets.json');
  const kept: Partial<Secrets> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const names = Object.keys(MAKE) as (keyof Secrets)[];
  const secrets = Object.fromEntries(names.map((name) => [name, kept[name] ?? MAKE[name]()])) as Secrets;
  if (names.some((name) => kept[name] === undefined)) writePrivate(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}
