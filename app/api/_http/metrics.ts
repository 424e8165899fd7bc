import { Counter, Registry } from 'prom-client';

type Outcome = 'accepted' | 'repeated' | 'refused';
type Metrics = { registry: Registry; webhooks: Counter<'outcome'> };

/** Kept on globalThis: routes may be bundled apart, and a metric is registered once. */
const KEY = Symbol.for('openair.web-metrics');
type Holder = { [KEY]?: Metrics };

function metrics(): Metrics {
  const holder = globalThis as Holder;
  if (!holder[KEY]) {
    const registry = new Registry();
    const webhooks = new Counter({
      name: 'openair_livekit_webhooks_total',
      help: 'Webhooks from LiveKit by what became of them; refused ones had no valid signature',
      labelNames: ['outcome'] as const,
      registers: [registry],
    });
    holder[KEY] = { registry, webhooks };
  }
  return holder[KEY];
}

export function countWebhook(outcome: Outcome): void {
  metrics().webhooks.inc({ outcome });
}

/** All of this process's metrics in Prometheus' text form. */
export async function metricsText(): Promise<{ type: string; text: string }> {
  const { registry } = metrics();
  return { type: registry.contentType, text: await registry.metrics() };
}
