import type { QualityReport } from './quality-report.ts';

/** Sums of many reports by name: they add up over origins, minutes and restarts, and fit a hash of counters. */
export type QualityTally = Record<string, number>;

/** Upper ends of the classes that times are counted in, ms; what is longer falls into the last, open one. */
const START_CLASSES = [250, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000];
const LATENCY_CLASSES = [250, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000];

const classOf = (classes: readonly number[], value: number): number => {
  const at = classes.findIndex((end) => value <= end);
  return at < 0 ? classes.length : at;
};

/** Heights that are told apart: a closed set, so that no report makes counters of its own. */
const HEIGHTS = [160, 240, 360, 480, 720, 1080, 1440, 2160];
const rungOf = (height: number): number => HEIGHTS.find((one) => height <= one) ?? 4320;

/** The counters that one report raises. */
export function tallyOf(report: QualityReport): QualityTally {
  const { device, engine, startMs, latencyMs, height, errors } = report;
  const tally: QualityTally = {
    reports: 1,
    playedMs: report.playedMs,
    stalledMs: report.stalledMs,
    stalls: report.stalls,
    rungsUp: report.rungsUp,
    rungsDown: report.rungsDown,
    droppedFrames: report.droppedFrames ?? 0,
    [`device.${device}`]: 1,
    [`engine.${engine}`]: 1,
    [`height.${height === undefined ? 'sound' : rungOf(height)}`]: report.playedMs,
  };
  if (startMs !== undefined) tally[`start.${classOf(START_CLASSES, startMs)}`] = 1;
  if (latencyMs !== undefined) tally[`latency.${classOf(LATENCY_CLASSES, latencyMs)}`] = 1;
  for (const code of errors) tally[`error.${code}`] = (tally[`error.${code}`] ?? 0) + 1;
  return tally;
}

/** Adds `more` to `sum`, in place; zeros make no counter. */
export function addTally(sum: QualityTally, more: QualityTally): void {
  for (const [name, value] of Object.entries(more)) if (value !== 0) sum[name] = (sum[name] ?? 0) + value;
}

/** How an audience fared over some time. Shares are 0 to 1, times ms, per hour = per hour of play. */
export type QualityView = {
  /** Reports that this is made of; few say little. */
  reports: number;
  playedHours: number;
  startP50Ms: number | null;
  startP95Ms: number | null;
  latencyP50Ms: number | null;
  latencyP95Ms: number | null;
  /** Time stalled of the time that should have played. */
  rebufferShare: number | null;
  stallsPerHour: number | null;
  rungChangesPerHour: number | null;
  errors: Record<string, number>;
  devices: Record<string, number>;
  engines: Record<string, number>;
  /** Share of play time by height of the picture. */
  heights: Record<string, number>;
};

const HOUR_MS = 3_600_000;

function sharesOf(tally: QualityTally, prefix: string): Record<string, number> {
  const found = Object.entries(tally).filter(([name]) => name.startsWith(`${prefix}.`));
  const sum = found.reduce((all, [, value]) => all + value, 0);
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length + 1), sum === 0 ? 0 : value / sum]));
}

/** The value below which `share` of those counted in classes lie, straight lines within a class; null without any. */
function percentileOf(tally: QualityTally, prefix: string, classes: readonly number[], share: number): number | null {
  const counts = [...classes, null].map((_, at) => tally[`${prefix}.${at}`] ?? 0);
  const sum = counts.reduce((all, count) => all + count, 0);
  if (sum === 0) return null;
  let left = sum * share;
  for (const [at, count] of counts.entries()) {
    const [from, to] = [classes[at - 1] ?? 0, classes[at] ?? classes[classes.length - 1] ?? 0];
    if (count > 0 && left <= count) return Math.round(from + ((to - from) * left) / count);
    left -= count;
  }
  return classes[classes.length - 1] ?? null;
}

/** What sums of reports say. */
export function viewTally(tally: QualityTally): QualityView {
  const sum = (name: string) => tally[name] ?? 0;
  const played = sum('playedMs');
  const perHour = (count: number) => (played === 0 ? null : (count * HOUR_MS) / played);
  const errors = Object.entries(tally).filter(([name]) => name.startsWith('error.'));
  return {
    reports: sum('reports'),
    playedHours: played / HOUR_MS,
    startP50Ms: percentileOf(tally, 'start', START_CLASSES, 0.5),
    startP95Ms: percentileOf(tally, 'start', START_CLASSES, 0.95),
    latencyP50Ms: percentileOf(tally, 'latency', LATENCY_CLASSES, 0.5),
    latencyP95Ms: percentileOf(tally, 'latency', LATENCY_CLASSES, 0.95),
    rebufferShare: played + sum('stalledMs') === 0 ? null : sum('stalledMs') / (played + sum('stalledMs')),
    stallsPerHour: perHour(sum('stalls')),
    rungChangesPerHour: perHour(sum('rungsUp') + sum('rungsDown')),
    errors: Object.fromEntries(errors.map(([name, value]) => [name.slice('error.'.length), value])),
    devices: sharesOf(tally, 'device'),
    engines: sharesOf(tally, 'engine'),
    heights: sharesOf(tally, 'height'),
  };
}
