import { Counter, Histogram, type Registry } from 'prom-client';
import type { QualityReport } from '#core/viewer/quality-report';

const TIMES_S = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];

/** What viewers report, for Prometheus: over all shows, labels are closed sets. */
export type QualityMetrics = { take(report: QualityReport): void };

export function createQualityMetrics(registry: Registry): QualityMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `openair_viewer_${name}_total`, help, labelNames, registers });
  const times = (name: string, help: string) =>
    new Histogram({ name: `openair_viewer_${name}_seconds`, help, buckets: TIMES_S, registers });
  const start = times('start', 'From the wish to play to the first picture');
  const latency = times('latency', 'How far behind the live edge viewers are');
  const reports = counter('reports', 'Reports of viewers, by kind of device and engine', ['device', 'engine']);
  const played = counter('played_seconds', 'Time played by those who report');
  const stalled = counter('stalled_seconds', 'Time stalled of those who report');
  const stalls = counter('stalls', 'Stalls of those who report');
  const rungs = counter('rung_changes', 'Changes of the rung', ['to']);
  const errors = counter('errors', 'Failures of playback', ['code']);
  return {
    take(report) {
      reports.inc({ device: report.device, engine: report.engine });
      played.inc(report.playedMs / 1000);
      stalled.inc(report.stalledMs / 1000);
      stalls.inc(report.stalls);
      rungs.inc({ to: 'higher' }, report.rungsUp);
      rungs.inc({ to: 'lower' }, report.rungsDown);
      for (const code of report.errors) errors.inc({ code });
      if (report.startMs !== undefined) start.observe(report.startMs / 1000);
      if (report.latencyMs !== undefined) latency.observe(report.latencyMs / 1000);
    },
  };
}
