import { createServer } from 'node:http';
import { Gauge, Registry } from 'prom-client';

/** Numbers of this worker for Prometheus. Live values are read when they are asked for. */
export function createMetrics(
  read: () => { rtmpConnections: number; srtConnections: number; copied: number; transcoded: number; whip: number },
): Registry {
  const registry = new Registry();
  new Gauge({
    name: 'openair_ingest_rtmp_connections',
    help: 'Open RTMP connections',
    registers: [registry],
    collect() {
      this.set(read().rtmpConnections);
    },
  });
  new Gauge({
    name: 'openair_ingest_srt_connections',
    help: 'Open SRT connections',
    registers: [registry],
    collect() {
      this.set(read().srtConnections);
    },
  });
  new Gauge({
    name: 'openair_ingest_live',
    help: 'Live ingests by protocol and treatment',
    labelNames: ['protocol', 'mode'] as const,
    registers: [registry],
    collect() {
      const now = read();
      this.set({ protocol: 'rtmp', mode: 'copy' }, now.copied);
      this.set({ protocol: 'rtmp', mode: 'transcode' }, now.transcoded);
      this.set({ protocol: 'whip', mode: 'forward' }, now.whip);
    },
  });
  return registry;
}

/**
 * `/health` (200 while the worker takes encoders, else 503; live ingests without keys) and `/metrics`.
 * @throws when the port is taken
 */
export async function openHealthServer(options: {
  host: string;
  port: number;
  registry: Registry;
  describe(): { ok: boolean; detail: string; ingests: object[] };
}): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    if (request.url === '/health') {
      const health = options.describe();
      response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify(health));
    } else if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': options.registry.contentType });
      response.end(await options.registry.metrics());
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
