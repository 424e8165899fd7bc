import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type LinkPlan, type LinkState, sendInto } from './link-clock.ts';

/** What waits in the line's router before it stops taking more. */
const MOST_WAITING = 128 * 1024;
/** A piece is 8 ms of 4 Mbit/s: connections take turns as packets do. */
const PIECE = 4096;

export type Link = {
  /** Of loopback: what a viewer behind the line asks. */
  port: number;
  /** Carried towards the viewer so far. */
  bytes(): number;
  close(): Promise<void>;
};

type Piece = { to: Socket; bytes: Buffer; done(): void };

/** A TCP proxy in front of a port of loopback: all its connections share one line towards the viewer; requests are delayed alone. */
export async function openLink(plan: LinkPlan, targetPort: number): Promise<Link> {
  const openedAt = performance.now();
  const nowMs = () => performance.now() - openedAt;
  const sockets = new Set<Socket>();
  let state: LinkState = { freeAtMs: 0 };
  let waiting = 0;
  let carried = 0;
  const held = new Set<Socket>();

  const line: (Piece & { arriveAtMs: number })[] = [];
  let timer: NodeJS.Timeout | null = null;

  function send(piece: Piece): void {
    waiting += piece.bytes.length;
    const sent = sendInto(plan, state, piece.bytes.length, nowMs());
    state = sent.state;
    line.push({ ...piece, arriveAtMs: sent.arriveAtMs });
    timer ??= setTimeout(arrive, sent.arriveAtMs - nowMs());
  }

  /** One timer for the whole line: what went in first comes out first. */
  function arrive(): void {
    for (let next = line[0]; next && next.arriveAtMs <= nowMs(); next = line[0]) {
      line.shift();
      waiting -= next.bytes.length;
      carried += next.bytes.length;
      if (!next.to.destroyed) next.to.write(next.bytes);
      next.done();
    }
    if (waiting <= MOST_WAITING / 2) {
      for (const socket of held) socket.resume();
      held.clear();
    }
    timer = line[0] ? setTimeout(arrive, Math.max(1, line[0].arriveAtMs - nowMs())) : null;
  }

  const server = createServer((viewer) => {
    const far = connect(targetPort, '127.0.0.1');
    let inLine = 0;
    let ended = false;
    const finish = () => ended && inLine === 0 && viewer.end();
    for (const socket of [viewer, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
    viewer.on('data', (bytes) => setTimeout(() => far.destroyed || far.write(bytes), plan.delayMs));
    viewer.on('end', () => far.end());
    viewer.on('close', () => far.destroy());
    viewer.on('error', () => far.destroy());
    far.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += PIECE) {
        inLine++;
        const done = () => {
          inLine--;
          finish();
        };
        send({ to: viewer, bytes: bytes.subarray(at, at + PIECE), done });
      }
      if (waiting > MOST_WAITING) {
        far.pause();
        held.add(far);
      }
    });
    far.on('end', () => {
      ended = true;
      finish();
    });
    far.on('error', () => viewer.destroy());
    far.on('close', () => held.delete(far));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => carried,
    async close() {
      server.close();
      if (timer) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
