import { clockText } from './clock-text.ts';

/** Two days ahead a running clock says nothing that the date does not. */
const SHOWN_FROM_S = 48 * 3600;

/**
 * What is left until a show begins.
 * @param startsAt ISO 8601, or null when unknown · nowMs ms since 1970
 * @returns `kind` says which sentence stands beside it; `text` is the running clock or null
 */
export function countdown(
  startsAt: string | null,
  nowMs: number,
): { kind: 'unknown' | 'dated' | 'soon'; text: string | null } {
  const atMs = startsAt === null ? Number.NaN : Date.parse(startsAt);
  if (Number.isNaN(atMs)) return { kind: 'unknown', text: null };
  const leftS = Math.ceil((atMs - nowMs) / 1000);
  if (leftS <= 0) return { kind: 'soon', text: null };
  return { kind: 'dated', text: leftS <= SHOWN_FROM_S ? clockText(leftS) : null };
}
