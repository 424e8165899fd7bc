import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export type HttpParts = {
  registry(): Registry | null;
  /** Names of what this process leans on, and whether each answers now. */
  probe(): Promise<Record<string, boolean>>;
};

/**
 * The process's http server: `/healthz` (200 while the process runs; what it leans on is told, not obeyed, for a restart
 * mends no database) and `/metrics`. Sockets are attached to it.
 */
export function createRealtimeHttp(parts: HttpParts): Server {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const path = request.url?.split('?')[0];
    const work = async () => {
      if (path === '/healthz') {
        const probed = await parts.probe();
        const told = Object.fromEntries(Object.entries(probed).map(([name, ok]) => [name, { ok }]));
        answer(200, 'application/json', JSON.stringify({ ok: Object.values(probed).every(Boolean), parts: told }));
      } else if (path === '/metrics') {
        const registry = parts.registry();
        answer(200, registry?.contentType ?? 'text/plain', (await registry?.metrics()) ?? '');
      } else {
        answer(404, 'text/plain', 'There is nothing here. Sockets connect at /socket.io/.\n');
      }
    };
    work().catch(() => answer(500, 'text/plain', 'This did not work.\n'));
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  return server;
}
