import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export type SlowClientRule = {
  /** Slowest rate at which a client may take what it asked for, bytes/s. */
  leastBytesPerS: number;
  /** Time that each answer has beyond that, ms. */
  graceMs: number;
  /** How often clients are looked at, ms. */
  everyMs: number;
};

/** A phone in a tunnel takes 10 kB/s and is served; one that takes a byte now and then only holds memory. */
export const SLOW_CLIENTS: SlowClientRule = { leastBytesPerS: 8000, graceMs: 20_000, everyMs: 5000 };

/** What waits in a socket: since when, and how much had been handed to it by then. */
type Backlog = { handedOver: number; since: number };

/**
 * Cuts clients off that take an answer slower than the rule allows. Those who take nothing at all end by the socket's own time limit.
 * @returns stops looking
 */
export function cutSlowClients(server: Server, rule: SlowClientRule, onCut: () => void): () => void {
  const backlogs = new Map<Socket, Backlog | null>();
  server.on('connection', (socket) => {
    backlogs.set(socket, null);
    socket.once('close', () => backlogs.delete(socket));
  });
  const look = () => {
    const now = performance.now();
    for (const [socket, known] of backlogs) {
      const { writableLength: waiting, bytesWritten: handedOver } = socket;
      if (waiting === 0) {
        if (known) backlogs.set(socket, null);
      } else if (known?.handedOver !== handedOver) {
        backlogs.set(socket, { handedOver, since: now });
      } else if (now - known.since > rule.graceMs + (waiting / rule.leastBytesPerS) * 1000) {
        onCut();
        socket.destroy();
      }
    }
  };
  const timer = setInterval(look, rule.everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
