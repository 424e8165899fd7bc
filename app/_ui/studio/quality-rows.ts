import type { BroadcastQuality } from '#core/broadcast/view-quality';
import type { Latency } from '#core/scene/scene';

/** `value` is null while nobody has reported it: its place stays. */
export type QualityRow = { name: 'start' | 'latency' | 'rebuffer' | 'errors'; value: string | null; fine: boolean };

/** From where on people leave (start, stalls). */
const START_FINE_MS = 2000;
/** From where on viewers are further behind than the host has chosen: a talk with the chat gets hard, or the network is weak. */
const LATENCY_FINE_MS: Record<Latency, number> = { ultra: 4000, low: 5000, standard: 20_000 };
const REBUFFER_FINE = 0.01;
/** Failures that one report in so many may have. */
const ERRORS_FINE = 0.02;

/**
 * The figures that a host can do something about, each with whether it is fine.
 * @param latency as the host chose it
 * @returns nothing as long as nobody has reported
 */
export function qualityRows(now: BroadcastQuality['now'], locale: string, latency: Latency = 'low'): QualityRow[] {
  if (now.reports === 0) return [];
  const seconds = (ms: number) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', maximumFractionDigits: 1 }).format(ms / 1000);
  const percent = (share: number) =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(share);
  const errors = Object.values(now.errors).reduce((sum, count) => sum + count, 0);
  const { startP95Ms, latencyP50Ms, rebufferShare } = now;
  const shown = (value: number | null, text: (value: number) => string) => (value === null ? null : text(value));
  return [
    { name: 'start', value: shown(startP95Ms, seconds), fine: (startP95Ms ?? 0) <= START_FINE_MS },
    { name: 'latency', value: shown(latencyP50Ms, seconds), fine: (latencyP50Ms ?? 0) <= LATENCY_FINE_MS[latency] },
    { name: 'rebuffer', value: shown(rebufferShare, percent), fine: (rebufferShare ?? 0) <= REBUFFER_FINE },
    { name: 'errors', value: String(errors), fine: errors <= now.reports * ERRORS_FINE },
  ];
}
