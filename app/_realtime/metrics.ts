import { Counter, Gauge, Registry } from 'prom-client';

/** What one instance counts, for `/metrics`. */
export class RealtimeMetrics {
  readonly registry = new Registry();
  readonly #make = { registers: [this.registry] };
  readonly connections = new Gauge({
    name: 'openair_realtime_connections',
    help: 'Open sockets on this instance.',
    ...this.#make,
  });
  readonly channels = new Gauge({
    name: 'openair_realtime_channels',
    help: 'Channels with somebody on this instance.',
    ...this.#make,
  });
  readonly requests = new Counter({
    name: 'openair_realtime_requests_total',
    help: 'Requests by event and answer: ok or the reason of the refusal.',
    labelNames: ['event', 'answer'] as const,
    ...this.#make,
  });
  readonly messages = new Counter({
    name: 'openair_realtime_chat_messages_total',
    help: 'Chat messages sent out by this instance.',
    ...this.#make,
  });
  readonly batches = new Counter({
    name: 'openair_realtime_chat_batches_total',
    help: 'Batches those messages went out in.',
    ...this.#make,
  });
  readonly refusedOrigins = new Counter({
    name: 'openair_realtime_refused_origins_total',
    help: 'Connections refused because a foreign page asked for them.',
    ...this.#make,
  });
  readonly slowReaders = new Counter({
    name: 'openair_realtime_slow_readers_total',
    help: 'Sockets closed because more than 1 MB waited for them.',
    ...this.#make,
  });
}
