import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Looks a host up and gives the one address that may be connected to.
 * @throws Error with code EFORBIDDEN when every address is refused
 */
export type ResolveTarget = (target: { host: string; port: number }) => Promise<string>;

export type GuardOptions = {
  resolve: ResolveTarget;
  /** A host that is us: its requests are answered here and go nowhere. */
  inside: { host: string; answer(request: IncomingMessage, response: ServerResponse): void };
  /** Somebody wanted an address that is refused. */
  onRefused(host: string, port: number): void;
};

const CONNECT_MS = 10_000;
/** Of one hop (RFC 9110, 7.6.1), and what only proxies are told. */
const HOP_HEADERS = ['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'upgrade'];

/**
 * The only way out for a page that is drawn: an HTTP proxy on a loopback port. Every connection is looked up and checked here, so
 * redirects, frames, scripts and names that change their address meet the same rules as destinations (S-1, S-4).
 */
export class GuardProxy {
  readonly #options: GuardOptions;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 16, timeout: 60_000 });
  readonly #tunnels = new Set<Duplex>();

  private constructor(options: GuardOptions) {
    this.#options = options;
    this.#server = createServer((incoming, response) => this.#answer(incoming, response));
    this.#server.on('connect', (incoming, socket, head) => void this.#tunnel(incoming, socket, head));
    this.#server.on('upgrade', (_incoming, socket) => socket.destroy());
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  static async open(options: GuardOptions): Promise<GuardProxy> {
    const proxy = new GuardProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#tunnels) socket.destroy();
    this.#agent.destroy();
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : null;
    if (url?.protocol !== 'http:') return refuse(response, 400, 'This is a proxy.');
    if (url.hostname === this.#options.inside.host) return this.#options.inside.answer(incoming, response);
    void this.#forward(url, incoming, response);
  }

  async #forward(url: URL, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = { host: bare(url.hostname), port: url.port ? Number(url.port) : 80 };
    const address = await this.#find(target);
    if ('refusal' in address) return refuse(response, address.status, address.refusal);
    const headers = { ...incoming.headers, host: url.host };
    for (const name of HOP_HEADERS) delete (headers as Record<string, unknown>)[name];
    const path = `${url.pathname}${url.search}`;
    const { host, port } = { host: address.found, port: target.port };
    const onward = request({ host, port, method: incoming.method, path, headers, agent: this.#agent });
    onward.on('response', (answer) => {
      answer.on('error', () => response.destroy());
      try {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
      } catch {
        // A status or header that Node reads and does not write: whoever serves the page must not end this process by it.
        answer.destroy();
        return refuse(response, 502, 'The server answers in a way that cannot be passed on.');
      }
      answer.pipe(response);
    });
    onward.on('error', () => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, 'The server does not answer.');
    });
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  async #tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#keep(socket);
    const target = hostAndPort(incoming.url ?? '');
    const address = target ? await this.#find(target) : { status: 400, refusal: 'no host and port' };
    if ('refusal' in address || !target) {
      const status = 'refusal' in address ? address.status : 400;
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    if (socket.destroyed) return;
    const onward: Socket = connect({ host: address.found, port: target.port, timeout: CONNECT_MS });
    this.#keep(onward);
    onward.once('connect', () => {
      onward.setTimeout(0);
      onward.setNoDelay(true);
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      if (head.length > 0) onward.write(head);
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.once('timeout', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  }

  async #find(target: {
    host: string;
    port: number;
  }): Promise<{ found: string } | { status: number; refusal: string }> {
    try {
      return { found: await this.#options.resolve(target) };
    } catch (error) {
      if ((error as { code?: string }).code !== 'EFORBIDDEN') return { status: 502, refusal: 'The name is not known.' };
      this.#options.onRefused(target.host, target.port);
      return { status: 403, refusal: 'The address is not public; it may not be reached from a recorded page.' };
    }
  }

  #keep(socket: Duplex): void {
    this.#tunnels.add(socket);
    // The server hands a tunnel's socket over without anybody who hears its errors, and the look-up takes its time.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#tunnels.delete(socket));
  }
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(sentence);
}

const bare = (host: string) => host.replace(/^\[|\]$/g, '');

function hostAndPort(text: string): { host: string; port: number } | null {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text) ?? [];
  return host && port && Number(port) > 0 && Number(port) < 65_536 ? { host: bare(host), port: Number(port) } : null;
}
