import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { ForbiddenTarget, type TargetGuard } from './target-guard.ts';

const CONNECT_WITHIN_MS = 8_000;
/** Headers of one hop, which a proxy does not pass on (RFC 9110, 7.6.1). */
const HOP_HEADERS = new Set(['connection', 'proxy-connection', 'keep-alive', 'proxy-authorization', 'te', 'upgrade']);

export type FilterProxy = {
  /** For FFmpeg's `http_proxy`. */
  url: string;
  /** Why the last request was refused; null when none was. */
  refusal(): string | null;
  close(): void;
};

/**
 * An HTTP proxy on loopback for one pull. Each request, redirect, nested playlist and segment comes through it, is looked up once, judged and
 * pinned to the address that was judged. TLS passes through (CONNECT), so certificates are checked against the name as ever.
 */
export async function openFilterProxy(guard: TargetGuard): Promise<FilterProxy> {
  let refusal: string | null = null;
  const sockets = new Set<Duplex>();
  const server = createServer((request, response) => {
    forward(request, response, guard).catch((error: unknown) => {
      refusal = refusalOf(error) ?? refusal;
      if (!response.headersSent) response.writeHead(error instanceof ForbiddenTarget ? 403 : 502);
      response.end();
    });
  });
  server.on('connect', (request, client, head) => {
    tunnel(request, client, head, guard, sockets).catch((error: unknown) => {
      refusal = refusalOf(error) ?? refusal;
      client.end(`HTTP/1.1 ${error instanceof ForbiddenTarget ? '403 Forbidden' : '502 Bad Gateway'}\r\n\r\n`);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusal: () => refusal,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function refusalOf(error: unknown): string | null {
  return error instanceof ForbiddenTarget ? error.message : null;
}

async function forward(request: IncomingMessage, response: ServerResponse, guard: TargetGuard): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new ForbiddenTarget('Only reading is allowed.');
  const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : null;
  if (url?.protocol !== 'http:') throw new ForbiddenTarget('Only http and https are allowed.');
  const port = Number(url.port || 80);
  const address = await guard.resolve(url.hostname, port);
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.has(name)));
  const onward = httpRequest({
    host: address,
    port,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host },
    timeout: CONNECT_WITHIN_MS,
    agent: false,
  });
  await new Promise<void>((resolve, reject) => {
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      resolve();
    });
    onward.on('timeout', () => onward.destroy(new Error('no answer')));
    onward.on('error', reject);
    response.on('close', () => onward.destroy());
    onward.end();
  });
}

async function tunnel(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  guard: TargetGuard,
  sockets: Set<Duplex>,
): Promise<void> {
  const { hostname, port } = new URL(`https://${request.url ?? ''}`);
  const targetPort = Number(port || 443);
  const address = await guard.resolve(hostname, targetPort);
  const onward = connect({ host: address, port: targetPort, timeout: CONNECT_WITHIN_MS });
  sockets.add(onward);
  onward.on('close', () => {
    sockets.delete(onward);
    client.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    onward.once('connect', resolve);
    onward.once('timeout', () => onward.destroy(new Error('no answer')));
    onward.once('error', reject);
  });
  onward.setTimeout(0);
  onward.on('error', () => undefined);
  client.on('close', () => onward.destroy());
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) onward.write(head);
  onward.pipe(client);
  client.pipe(onward);
}
