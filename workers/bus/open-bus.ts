import type { BusLog, BusWire } from './bus-wire.ts';
import { openRedisWire } from './redis-wire.ts';
import { createRpcClient, type RpcClient } from './rpc-client.ts';
import { createRpcServer, type RpcServer } from './rpc-server.ts';

/** A seat on LiveKit's bus: asks and serves. */
export type Bus = {
  call: RpcClient['call'];
  serve: RpcServer['serve'];
  readonly serverId: string;
  isConnected(): boolean;
  close(): Promise<void>;
};

/** Takes a seat on the given wire; tests give the memory twin. */
export function joinBus(wire: BusWire, log: BusLog, now: () => number = Date.now): Bus {
  const server = createRpcServer(wire, log, now);
  const client = createRpcClient(wire, log, now);
  return {
    call: client.call,
    serve: server.serve,
    serverId: server.serverId,
    isConnected: wire.isConnected,
    async close() {
      await client.close();
      await wire.close();
    },
  };
}

/**
 * LiveKit's bus: psrpc over the Redis that livekit-server uses.
 * @param redisUrl `redis://[user:password@]host:port/db`
 */
export function openBus({ redisUrl, log }: { redisUrl: string; log: BusLog }): Bus {
  return joinBus(openRedisWire(redisUrl, log), log);
}
