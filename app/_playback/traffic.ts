import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * Counts what passes through the server with plain additions, since thousands of answers a second do; Prometheus's own counters are filled
 * when it asks.
 */
export class Traffic {
  readonly #answers = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  #bytesOfClosed = 0;
  #open = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    const answers = this.#answers;
    new Counter({
      name: 'openair_playback_requests_total',
      help: 'Answers by kind of route and status',
      labelNames: ['route', 'status'],
      registers,
      collect() {
        this.reset();
        for (const [name, count] of answers) {
          const [route = '', status = ''] = name.split(' ');
          this.inc({ route, status }, count);
        }
      },
    });
    const bytes = () => this.#bytes;
    new Counter({
      name: 'openair_playback_bytes_total',
      help: 'Bytes handed to sockets',
      registers,
      collect() {
        this.reset();
        this.inc(bytes());
      },
    });
    const waiting = () => this.#open - 1;
    new Gauge({
      name: 'openair_playback_requests_waiting',
      help: 'Requests not yet answered, this one left out',
      registers,
      collect() {
        this.set(waiting());
      },
    });
  }

  get #bytes(): number {
    let sum = this.#bytesOfClosed;
    for (const { bytesWritten } of this.#sockets) sum += bytesWritten;
    return sum;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#bytesOfClosed += socket.bytesWritten;
      });
    });
  }

  asked(): void {
    this.#open++;
  }

  /** An answer was given, or its client went away before. */
  answered(route: string, status: number): void {
    this.#open--;
    const name = `${route} ${status}`;
    this.#answers.set(name, (this.#answers.get(name) ?? 0) + 1);
  }
}
