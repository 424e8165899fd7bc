/** Seconds as a show clock: `0:07`, `12:30`, `1:02:03`. Negative and broken input reads `0:00`. */
export function formatClock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** Whole seconds between two ISO times (or from the first until `nowMs`); 0 when the first is missing or not a date. */
export function secondsBetween(from: string | null, to: string | null, nowMs: number): number {
  const start = from ? Date.parse(from) : Number.NaN;
  if (Number.isNaN(start)) return 0;
  const end = to ? Date.parse(to) : nowMs;
  return Math.max(0, Math.floor(((Number.isNaN(end) ? nowMs : end) - start) / 1000));
}
