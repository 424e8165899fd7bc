import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the control worker counts. */
export function makeMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    passes: new Histogram({
      name: 'openair_control_pass_seconds',
      help: 'Length of one pass of the reconcilers',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5],
      registers: [registry],
    }),
    broadcasts: new Gauge({
      name: 'openair_control_broadcasts',
      help: 'Broadcasts looked at in the last pass',
      registers: [registry],
    }),
    jobs: new Counter({
      name: 'openair_control_jobs_total',
      help: 'Jobs by name and outcome',
      labelNames: ['job', 'outcome'] as const,
      registers: [registry],
    }),
  };
}
export type Metrics = ReturnType<typeof makeMetrics>;
