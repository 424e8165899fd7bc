import type { Visibility } from '#core/broadcast/broadcast';

/** Whether a show of this visibility plays by a grant alone. */
export const needsGrant = (visibility: Visibility): boolean => visibility !== 'public' && visibility !== 'unlisted';
