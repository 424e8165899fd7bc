import type { Visibility } from '#core/broadcast/broadcast';

/** What the form offers now; the others need followers, members, passwords or tickets to exist. */
export const OFFERED_VISIBILITIES = ['public', 'unlisted'] as const satisfies readonly Visibility[];
export type OfferedVisibility = (typeof OFFERED_VISIBILITIES)[number];

export const MAX_TITLE = 120;

/** What is wrong with a title, as a key of `studio.show`; null when nothing is. */
export function titleProblem(title: string): 'nameMissing' | 'nameLong' | null {
  const length = title.trim().length;
  if (length === 0) return 'nameMissing';
  return length > MAX_TITLE ? 'nameLong' : null;
}
