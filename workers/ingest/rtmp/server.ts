import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Certificate } from './certificate.ts';
import { RtmpConnection } from './connection.ts';
import { RTMP_LIMITS } from './limits.ts';
import type { AdmitPublisher } from './publisher.ts';

export type RtmpServer = {
  /** The port listened on; differs from the asked one when that was 0. */
  port: number;
  connections(): number;
  /** Closes the listener and every connection. */
  close(reason: string): Promise<void>;
};

/**
 * RTMP front: one listener, many publishers, no media code.
 * @throws when the port is taken
 */
export async function openRtmpServer(options: {
  host: string;
  port: number;
  log: Logger;
  admit: AdmitPublisher;
  /** RTMPS: every connection begins with TLS. */
  certificate?: Certificate;
  /** Shorter in tests, ms. */
  publishWithinMs?: number;
  silenceMs?: number;
}): Promise<RtmpServer> {
  const { log } = options;
  const open = new Set<RtmpConnection>();
  const perAddress = new Map<string, number>();

  const server: Server = createServer({ noDelay: true, keepAlive: true }, (socket: Socket) => {
    const address = socket.remoteAddress ?? 'unknown';
    const mine = (perAddress.get(address) ?? 0) + 1;
    if (open.size >= RTMP_LIMITS.connections || mine > RTMP_LIMITS.connectionsPerAddress) {
      log.warn({ address, open: open.size }, 'rtmp: refused, too many connections');
      socket.destroy();
      return;
    }
    perAddress.set(address, mine);
    const connection = new RtmpConnection(secured(socket, options.certificate), { ...options, address });
    open.add(connection);
    socket.once('close', () => {
      open.delete(connection);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  server.on('error', (error) => log.error({ err: error }, 'rtmp: listener failed'));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return {
    port,
    connections: () => open.size,
    close: (reason) =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of open) connection.end(reason);
      }),
  };
}

/** A handshake that is not done in time ends with the connection's own deadline. */
function secured(socket: Socket, certificate: Certificate | undefined): Socket {
  if (!certificate) return socket;
  return new TLSSocket(socket, { isServer: true, secureContext: certificate.context() });
}
