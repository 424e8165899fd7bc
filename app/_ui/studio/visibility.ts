import type { Visibility } from '#core/broadcast/broadcast';

/** What the form offers: followers and members are let in by programs alone, until viewers have accounts. */
export const OFFERED_VISIBILITIES = [
  'public',
  'unlisted',
  'password',
  'ticket',
] as const satisfies readonly Visibility[];

export const MAX_TITLE = 120;
export const MIN_PASSWORD = 4;

/** What is wrong with a title, as a key of `studio.show`; null when nothing is. */
export function titleProblem(title: string): 'nameMissing' | 'nameLong' | null {
  const length = title.trim().length;
  if (length === 0) return 'nameMissing';
  return length > MAX_TITLE ? 'nameLong' : null;
}

/**
 * What is wrong with a password, as a key of `studio.access`.
 * @param known true where the show has one already: then an empty field keeps it
 */
export function passwordProblem(
  { visibility, password }: { visibility: Visibility; password: string },
  known: boolean,
): 'passwordMissing' | 'passwordShort' | null {
  if (visibility !== 'password') return null;
  const length = password.trim().length;
  if (length === 0) return known ? null : 'passwordMissing';
  return length < MIN_PASSWORD ? 'passwordShort' : null;
}

/** Whose chat and page are apart from the channel's. */
export const isClosed = (visibility: Visibility): boolean => visibility !== 'public' && visibility !== 'unlisted';
