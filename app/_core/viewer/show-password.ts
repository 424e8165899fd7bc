import { z } from 'zod';

/** A password that a host gives out; the same letters typed on another keyboard are the same password (Unicode NFC). */
export const ShowPassword = z
  .string()
  .trim()
  .min(4, 'must have at least 4 characters')
  .max(128, 'must have at most 128 characters')
  .transform((text) => text.normalize('NFC'));

/** Port: slow hashes of passwords, so that a stolen table opens no show. */
export type PasswordHasher = {
  hash(password: string): Promise<string>;
  /** @param stored what `hash` gave; anything else matches nothing */
  verify(password: string, stored: string): Promise<boolean>;
};
