import type { Visibility } from '#core/broadcast/broadcast';
import type { Show } from './show.ts';

/**
 * A playback grant: a short-lived right to watch one broadcast, carried in the path as `{playbackId}~{grant}` so that every
 * relative URL of a playlist carries it too. Text: `{expiry s, base 36}.{epoch, base 36}.{viewer}.{signature, base64url}`.
 */
export type Grant = { expiresAtS: number; epoch: number; viewer: string };

/** HMAC-SHA256 of a text with the key of this one purpose, as base64url; handed in, the domain has no crypto of its own. */
export type SignGrant = (text: string) => string;

export const GRANT_LIFE_S = 3600;
const VIEWER = /^[A-Za-z0-9_-]{1,64}$/;
const GRANT = /^([0-9a-z]{1,9})\.([0-9a-z]{1,7})\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;

const signedText = (playbackId: string, grant: Grant) =>
  ['playback-grant', 'v1', playbackId, grant.viewer, grant.expiresAtS, grant.epoch].join('\n');

/** True when a show of this visibility may be watched without a grant. */
export const needsGrant = (visibility: Visibility): boolean => visibility !== 'public' && visibility !== 'unlisted';

/**
 * Makes the text of a grant.
 * @param grant viewer: an id of 1 to 64 of A–Z a–z 0–9 _ -
 * @throws RangeError when the viewer's id cannot stand in a path
 */
export function signGrant(sign: SignGrant, playbackId: string, grant: Grant): string {
  if (!VIEWER.test(grant.viewer)) throw new RangeError('viewer id cannot stand in a path');
  const text = signedText(playbackId, grant);
  return `${grant.expiresAtS.toString(36)}.${grant.epoch.toString(36)}.${grant.viewer}.${sign(text)}`;
}

/** The path piece of `/play/…` for a show: with the grant when there is one. */
export const playPath = (playbackId: string, grant?: string | null): string =>
  grant ? `/play/${playbackId}~${grant}` : `/play/${playbackId}`;

/** Compares without telling by its time where two texts differ. */
function equalTexts(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export type GrantVerdict =
  | { ok: true; viewer: string | null; expiresAtS: number | null }
  | { ok: false; reason: 'missing' | 'malformed' | 'forged' | 'expired' | 'revoked' };

/**
 * Decides whether a request may see a show. Public and unlisted shows need no grant; a grant that came along is then ignored,
 * so that a show made public plays on under its old URLs.
 */
export function judgeGrant(sign: SignGrant, show: Show, text: string | null, nowMs: number): GrantVerdict {
  if (!needsGrant(show.visibility)) return { ok: true, viewer: null, expiresAtS: null };
  if (text === null) return { ok: false, reason: 'missing' };
  const read = GRANT.exec(text);
  if (!read) return { ok: false, reason: 'malformed' };
  const [, expiry = '', epoch = '', viewer = '', signature = ''] = read;
  const grant: Grant = { expiresAtS: Number.parseInt(expiry, 36), epoch: Number.parseInt(epoch, 36), viewer };
  if (!equalTexts(sign(signedText(show.playbackId, grant)), signature)) return { ok: false, reason: 'forged' };
  if (grant.expiresAtS * 1000 <= nowMs) return { ok: false, reason: 'expired' };
  if (grant.epoch !== show.grantEpoch) return { ok: false, reason: 'revoked' };
  return { ok: true, viewer, expiresAtS: grant.expiresAtS };
}
