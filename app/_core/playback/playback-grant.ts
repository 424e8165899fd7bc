import { needsGrant } from './needs-grant.ts';
import type { Show } from './show.ts';

/**
 * A playback grant: a short-lived right to watch one broadcast, carried in the path as `{playbackId}~{grant}` so that every
 * relative URL of a playlist carries it too. Text: `{expiry s, base 36}.{epoch, base 36}.{viewer}.{renew until s, base 36}.{site or -}.{signature,
 * base64url}`.
 */
export type Grant = {
  expiresAtS: number;
  epoch: number;
  viewer: string;
  /** Until then the origin gives a new one for an old one that still holds; absent = never. */
  renewUntilS?: number;
  /** `siteMark` of the one host whose pages may play it; absent = any. */
  site?: string | null;
};

/** HMAC-SHA256 of a text with the key of this one purpose, as base64url; handed in, the domain has no crypto of its own. */
export type SignGrant = (text: string) => string;

/** Of a grant that is handed to somebody who may not renew it: a script, another player. */
export const GRANT_LIFE_S = 3600;
/** Of a grant that the player renews by itself. */
export const RENEWED_GRANT_LIFE_S = 600;
/** How long a grant may be renewed before its holder's right is looked at again by the backend. */
export const GRANT_RENEW_S = 12 * 3600;
const VIEWER = /^[A-Za-z0-9_-]{1,64}$/;
const SITE = /^[A-Za-z0-9_-]{16}$/;
const GRANT =
  /^([0-9a-z]{1,9})\.([0-9a-z]{1,7})\.([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{16}|-)\.([A-Za-z0-9_-]{43})$/;

const signedText = (playbackId: string, grant: Grant) =>
  [
    'playback-grant',
    'v2',
    playbackId,
    grant.viewer,
    grant.expiresAtS,
    grant.epoch,
    grant.renewUntilS ?? 0,
    grant.site ?? '-',
  ].join('\n');

/**
 * What a grant says of the host it is bound to, so that the host itself stands in no address.
 * @param host lower case, without a port: `example.org`
 */
export const siteMark = (sign: SignGrant, host: string): string => sign(`playback-site\nv1\n${host}`).slice(0, 16);

/**
 * Makes the text of a grant.
 * @param grant viewer: an id of 1 to 64 of A–Z a–z 0–9 _ -
 * @throws RangeError when the viewer's id or the site cannot stand in a path
 */
export function signGrant(sign: SignGrant, playbackId: string, grant: Grant): string {
  if (!VIEWER.test(grant.viewer)) throw new RangeError('viewer id cannot stand in a path');
  if (grant.site && !SITE.test(grant.site)) throw new RangeError('site is no mark');
  const numbers = [grant.expiresAtS, grant.epoch, grant.renewUntilS ?? 0].map((number) => number.toString(36));
  const [expiry, epoch, until] = numbers;
  return [expiry, epoch, grant.viewer, until, grant.site ?? '-', sign(signedText(playbackId, grant))].join('.');
}

/** The path piece of `/play/…` for a show: with the grant when there is one. */
export const playPath = (playbackId: string, grant?: string | null): string =>
  grant ? `/play/${playbackId}~${grant}` : `/play/${playbackId}`;

/** Compares without telling by its time where two texts differ. */
export function equalTexts(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export type GrantVerdict =
  | { ok: true; grant: Grant | null }
  | { ok: false; reason: 'missing' | 'malformed' | 'forged' | 'expired' | 'revoked' | 'elsewhere' };

/** Reads a grant's text and checks its signature; nothing of it changes afterwards, so an answer may be remembered. */
export function readGrant(sign: SignGrant, playbackId: string, text: string): Grant | 'malformed' | 'forged' {
  const read = GRANT.exec(text);
  if (!read) return 'malformed';
  const [, expiry = '', epoch = '', viewer = '', until = '', site = '', signature = ''] = read;
  const [expiresAtS = 0, epochNumber = 0, renewUntilS = 0] = [expiry, epoch, until].map((each) =>
    Number.parseInt(each, 36),
  );
  const grant = { expiresAtS, epoch: epochNumber, viewer, renewUntilS, site: site === '-' ? null : site };
  return equalTexts(sign(signedText(playbackId, grant)), signature) ? grant : 'forged';
}

/**
 * Decides whether a request may see a show. Public and unlisted shows need no grant; a grant that came along is then ignored,
 * so that a show made public plays on under its old URLs.
 * @param read what `readGrant` made of the request's grant; null = it has none
 * @param at revoked: viewers who were sent away · site: `siteMark` of the page that asks; null when the request does not say
 */
export function judgeGrant(
  show: Pick<Show, 'visibility' | 'grantEpoch'>,
  read: ReturnType<typeof readGrant> | null,
  at: { nowMs: number; revoked: ReadonlySet<string>; site: string | null },
): GrantVerdict {
  if (!needsGrant(show.visibility)) return { ok: true, grant: null };
  if (read === null) return { ok: false, reason: 'missing' };
  if (typeof read === 'string') return { ok: false, reason: read };
  if (read.expiresAtS * 1000 <= at.nowMs) return { ok: false, reason: 'expired' };
  if (read.epoch !== show.grantEpoch || at.revoked.has(read.viewer)) return { ok: false, reason: 'revoked' };
  if (read.site && read.site !== at.site) return { ok: false, reason: 'elsewhere' };
  return { ok: true, grant: read };
}

/**
 * The next grant of somebody whose present one holds: the same right with a new expiry, never beyond its time of renewal and never shorter
 * than the one there is.
 * @returns null when there is nothing (more) to be had by renewing
 */
export function renewedGrant(grant: Grant, nowMs: number): Grant | null {
  const { expiresAtS, renewUntilS = 0 } = grant;
  if (renewUntilS <= expiresAtS) return null;
  const wished = Math.floor(nowMs / 1000) + RENEWED_GRANT_LIFE_S;
  return { ...grant, expiresAtS: Math.max(expiresAtS, Math.min(wished, renewUntilS)) };
}
