import type { OpenairServer } from './desks.ts';

/** A page that reads slower than the chat is written is closed before it costs others memory; it joins again and catches up. */
export const MAX_WAITING_BYTES = 1024 * 1024;
/** Packets not yet handed to the socket; each is at least a batch. */
const MAX_WAITING_PACKETS = 2000;

/** Closes every socket of this instance that has more than 1 MB waiting. */
export function closeSlowReaders(io: OpenairServer, onClosed: () => void): void {
  for (const socket of io.of('/').sockets.values()) {
    if (waitingBytes(socket.conn) <= MAX_WAITING_BYTES && waitingPackets(socket.conn) <= MAX_WAITING_PACKETS) continue;
    onClosed();
    // Only the transport is closed, so the page sees a lost connection and comes back by itself.
    socket.conn.close(true);
  }
}

/** engine.io keeps the WebSocket in its transport without a public type for it. */
function waitingBytes(conn: { transport: object }): number {
  const { transport } = conn;
  const raw: unknown = 'socket' in transport ? transport.socket : null;
  if (typeof raw !== 'object' || raw === null || !('bufferedAmount' in raw)) return 0;
  return typeof raw.bufferedAmount === 'number' ? raw.bufferedAmount : 0;
}

function waitingPackets(conn: object): number {
  return 'writeBuffer' in conn && Array.isArray(conn.writeBuffer) ? conn.writeBuffer.length : 0;
}
