import { EgressStatus } from '@livekit/protocol';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { egressGauges } from './inspect/egress-gauges.ts';
import type { EgressInspection } from './inspect/inspection.ts';

/** What the health port and the metrics show of a worker. `cpuLoad` is LiveKit's word for the cores that are free. */
export type EgressHealth = { canAccept: boolean; isConnected: boolean; cpuLoad: number; egressIds: string[] };

/** The metric names of LiveKit's egress, so that its dashboards go on working. */
export type EgressMetrics = {
  started(type: string): void;
  ended(type: string, status: EgressStatus): void;
  refused(code: string): void;
  /** @param waiting gives the objects that ended egresses left on this machine's disk */
  watchLateUploads(waiting: () => number): void;
  /** @param isReady whether a media process waits, loaded, for the next egress */
  watchSpare(isReady: () => boolean): void;
  /** Prometheus text. */
  render(health: EgressHealth, draining: boolean, running: EgressInspection[]): Promise<string>;
  contentType: string;
};

export function createEgressMetrics(): EgressMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const available = gauge('livekit_egress_available', '1 when nothing runs');
  const canAccept = gauge('livekit_egress_can_accept_request', '1 when another egress would be taken');
  const isDisabled = gauge('livekit_egress_is_disabled', '1 when the service takes nothing at all');
  const isTerminating = gauge('livekit_egress_is_terminating', '1 after SIGTERM');
  const cpuLoad = gauge('livekit_node_cpu_load', 'idle cores of the machine');
  let lateObjects = () => 0;
  const late = gauge('openair_egress_late_objects', 'objects of ended egresses that storage has not taken yet');
  let isSpareReady = () => false;
  const spare = gauge('openair_egress_spare_processes', 'media processes that are loaded and wait for an egress');
  const requests = new Gauge({
    name: 'livekit_egress_requests',
    help: 'running egresses',
    labelNames: ['type'],
    registers: [registry],
  });
  const results = new Counter({
    name: 'livekit_egress_handler_results_total',
    help: 'ended egresses',
    labelNames: ['type', 'result'],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'openair_egress_refusals_total',
    help: 'refused starts by code',
    labelNames: ['code'],
    registers: [registry],
  });

  const showRunning = egressGauges(registry);

  return {
    contentType: registry.contentType,
    started: (type) => requests.inc({ type }),
    ended(type, status) {
      requests.dec({ type });
      const good = status === EgressStatus.EGRESS_COMPLETE || status === EgressStatus.EGRESS_LIMIT_REACHED;
      const result = good ? 'success' : status === EgressStatus.EGRESS_ABORTED ? 'aborted' : 'failure';
      results.inc({ type, result });
    },
    refused: (code) => refusals.inc({ code }),
    watchLateUploads(waiting) {
      lateObjects = waiting;
    },
    watchSpare(isReady) {
      isSpareReady = isReady;
    },
    async render(health, draining, running) {
      showRunning(running);
      available.set(health.egressIds.length === 0 ? 1 : 0);
      canAccept.set(health.canAccept ? 1 : 0);
      isDisabled.set(0);
      isTerminating.set(draining ? 1 : 0);
      cpuLoad.set(health.cpuLoad);
      late.set(lateObjects());
      spare.set(isSpareReady() ? 1 : 0);
      return registry.metrics();
    },
  };
}
