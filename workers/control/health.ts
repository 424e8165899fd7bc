import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** `/healthz` says that the process runs, `/metrics` how it does. Loopback; nobody restarts us for somebody else's failure. */
export function serveHealth(port: number, host: string, registry: Registry, state: () => object): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const send = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    if (path === '/healthz') return send(200, 'application/json', JSON.stringify({ ok: true, ...state() }));
    if (path !== '/metrics') return send(404, 'text/plain', 'There is nothing here.\n');
    registry.metrics().then(
      (text) => send(200, registry.contentType, text),
      () => send(500, 'text/plain', 'This did not work.\n'),
    );
  });
  server.requestTimeout = 10_000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
