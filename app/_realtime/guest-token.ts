import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { GuestName } from './contract.ts';

/** Who a guest is. Kept by the guest's browser alone, signed by us. */
export type Guest = { id: string; name: string };

const PURPOSE = 'openair guest token v1';
const KEEP_MS = 180 * 24 * 3600 * 1000;
const Claims = z.object({ i: z.string().regex(/^gst_[A-Za-z0-9]{8,40}$/), n: GuestName, t: z.int() });

export type GuestTokens = {
  sign(guest: Guest, nowMs: number): string;
  /** The guest of a token, or null when it is forged, damaged or older than 180 days. */
  read(token: string, nowMs: number): Guest | null;
};

/**
 * Tokens `claims.signature`, both base64url. The key is made for this purpose alone, so no other signature of
 * the install can pass for a guest's.
 */
export function createGuestTokens(secret: string): GuestTokens {
  const key = createHmac('sha256', secret).update(PURPOSE).digest();
  const signatureOf = (claims: string) => createHmac('sha256', key).update(claims).digest();
  return {
    sign({ id, name }, nowMs) {
      const claims = Buffer.from(JSON.stringify({ i: id, n: name, t: nowMs })).toString('base64url');
      return `${claims}.${signatureOf(claims).toString('base64url')}`;
    },
    read(token, nowMs) {
      const [claims, signature, ...rest] = token.split('.');
      if (!claims || !signature || rest.length > 0) return null;
      const given = Buffer.from(signature, 'base64url');
      const right = signatureOf(claims);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
      const read = Claims.safeParse(readJson(Buffer.from(claims, 'base64url').toString()));
      if (!read.success || nowMs - read.data.t > KEEP_MS) return null;
      return { id: read.data.i, name: read.data.n };
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
