import { createServer, type Server } from 'node:http';
import type { EgressService } from './egress-service.ts';
import { answerInspect } from './inspect/answer-inspect.ts';
import type { EgressMetrics } from './metrics.ts';

type Deps = {
  service: Pick<EgressService, 'health' | 'inspect' | 'picture'>;
  metrics: EgressMetrics;
  isDraining(): boolean;
};

/**
 * Health as LiveKit's egress on any path: `{ CpuLoad, egresses }`, 503 when no further egress would be taken. `/livez` is 200 while the
 * process runs, `/readyz` 200 while it hears the bus and is not ending (a full worker is ready), `/metrics` is for Prometheus,
 * `/inspect` for operators on this machine. Ids and redacted addresses only: requests hold secrets. With two different ports each serves all of it.
 * @param ports 0 or null are off; the same port twice is opened once
 */
export async function startHealthServer(
  deps: Deps,
  bind: string,
  ports: (number | null)[],
): Promise<{ ports: number[]; close(): Promise<void> }> {
  const servers: Server[] = [];
  for (const port of new Set(ports.filter((one) => one !== null))) {
    const server = createServer((request, response) => {
      const health = deps.service.health();
      const path = request.url?.split('?')[0];
      if (path === '/livez' || path === '/readyz') {
        const ok = path === '/livez' || (health.isConnected && !deps.isDraining());
        response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(`{"ok":${ok}}\n`);
        return;
      }
      if (path === '/metrics') {
        deps.metrics.render(health, deps.isDraining(), deps.service.inspect()).then(
          (text) => response.writeHead(200, { 'content-type': deps.metrics.contentType }).end(text),
          () => response.writeHead(500).end(),
        );
        return;
      }
      if (/^\/inspect(\.json|\/|$)/.test(path ?? '')) {
        void answerInspect(deps.service, request, response);
        return;
      }
      const body = JSON.stringify({ CpuLoad: Math.round(health.cpuLoad * 100) / 100, egresses: health.egressIds });
      response.writeHead(health.canAccept ? 200 : 503, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
      response.end(`${body}\n`);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, bind, resolve);
    });
    servers.push(server);
  }
  return {
    ports: servers.map((server) => {
      const address = server.address();
      return typeof address === 'object' && address ? address.port : 0;
    }),
    async close() {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}
