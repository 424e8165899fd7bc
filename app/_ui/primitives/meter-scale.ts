/** The level meter's scale, without a DOM. Levels are dBFS: 0 is the loudest a signal can be. */
export const METER_SEGMENTS = 24;
export const METER_FLOOR_DB = -60;
/** Speech should peak about here. */
export const METER_MARK_DB = -9;
/** A peak stands still this long, then falls. */
const HOLD_MS = 1200;
const FALL_DB_PER_S = 20;

/** Share of the scale (0 to 1) at a level; silence and what is no number give 0. */
export function shareOf(db: number): number {
  if (Number.isNaN(db)) return 0;
  return Math.min(1, Math.max(0, (db - METER_FLOOR_DB) / -METER_FLOOR_DB));
}

/** Number of lit segments, 0 to 24. */
export function litSegments(db: number): number {
  return Math.round(shareOf(db) * METER_SEGMENTS);
}

/** Colour zone of a segment by its index: below the mark, above it, and the last two before clipping. */
export function zoneOf(segment: number): 'good' | 'loud' | 'clip' {
  if (segment >= METER_SEGMENTS - 2) return 'clip';
  return segment >= Math.floor(shareOf(METER_MARK_DB) * METER_SEGMENTS) ? 'loud' : 'good';
}

export type Peak = { db: number; atMs: number };

/** The peak after a new level: raised at once, held, then falling at 20 dB a second. */
export function nextPeak(peak: Peak, db: number, nowMs: number): Peak {
  if (db >= peak.db) return { db, atMs: nowMs };
  const overMs = nowMs - peak.atMs - HOLD_MS;
  if (overMs <= 0) return peak;
  const fallen = peak.db - (overMs / 1000) * FALL_DB_PER_S;
  return fallen <= db ? { db, atMs: nowMs } : { db: fallen, atMs: nowMs - HOLD_MS };
}

/** Root mean square of samples (-1 to 1) in dBFS; silence is -Infinity. */
export function rmsDb(samples: Float32Array): number {
  if (samples.length === 0) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 20 * Math.log10(Math.sqrt(sum / samples.length));
}
