import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LentMedia } from './lent-media.ts';
import type { OpenShows } from './open-shows.ts';
import type { SegmentCache } from './segment-cache.ts';
import { Traffic } from './traffic.ts';

/** Figures of this origin for Prometheus. Labels are closed sets: no id, no address. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const traffic = new Traffic(registry);
  const partLag = new Histogram({
    name: 'openair_playback_part_lag_seconds',
    help: 'Age of a part when it reached this origin',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    registers,
  });
  const cache = new Counter({
    name: 'openair_playback_segment_cache_total',
    help: 'Look-ups of stored media: hit, miss, shared with one that was under way',
    labelNames: ['what'],
    registers,
  });
  const cut = new Counter({
    name: 'openair_playback_slow_clients_cut_total',
    help: 'Connections ended because the client took its answer too slowly',
    registers,
  });
  return {
    registry,
    traffic,
    partLag,
    cache,
    cut,
    /** Adds the figures that are read when Prometheus asks. */
    observe(shows: OpenShows, stored: SegmentCache, lent: LentMedia): void {
      const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      gauge('openair_playback_open_shows', 'Shows with a reader in memory', () => shows.size);
      gauge('openair_playback_segment_cache_bytes', 'Stored media in memory', () => stored.bytes);
      gauge('openair_playback_lent_bytes', 'Stored media that answers still send', () => lent.bytes);
      gauge('openair_playback_waits', 'Different things that requests wait for', () =>
        shows.live.reduce((sum, show) => sum + show.waiting, 0),
      );
    },
  };
}
