import type { BroadcastQuality } from '#core/broadcast/view-quality';

export type QualityRow = { name: 'start' | 'latency' | 'rebuffer' | 'errors'; value: string; fine: boolean };

/** From where on people leave (start, stalls) or a talk with the chat gets hard (latency). */
const START_FINE_MS = 2000;
const LATENCY_FINE_MS = 5000;
const REBUFFER_FINE = 0.01;
/** Failures that one report in so many may have. */
const ERRORS_FINE = 0.02;

/**
 * The figures that a host can do something about, each with whether it is fine.
 * @returns nothing as long as nobody has reported
 */
export function qualityRows(now: BroadcastQuality['now'], locale: string): QualityRow[] {
  if (now.reports === 0) return [];
  const seconds = (ms: number) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', maximumFractionDigits: 1 }).format(ms / 1000);
  const percent = (share: number) =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(share);
  const errors = Object.values(now.errors).reduce((sum, count) => sum + count, 0);
  const rows: QualityRow[] = [];
  const { startP95Ms, latencyP50Ms, rebufferShare } = now;
  if (startP95Ms !== null) rows.push({ name: 'start', value: seconds(startP95Ms), fine: startP95Ms <= START_FINE_MS });
  if (latencyP50Ms !== null) {
    rows.push({ name: 'latency', value: seconds(latencyP50Ms), fine: latencyP50Ms <= LATENCY_FINE_MS });
  }
  if (rebufferShare !== null) {
    rows.push({ name: 'rebuffer', value: percent(rebufferShare), fine: rebufferShare <= REBUFFER_FINE });
  }
  rows.push({ name: 'errors', value: String(errors), fine: errors <= now.reports * ERRORS_FINE });
  return rows;
}
