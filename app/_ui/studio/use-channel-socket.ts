'use client';

import { useEffect, useRef, useState } from 'react';
import type { Socket } from 'socket.io-client';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import type { ClientToServer, ServerToClient } from '#realtime/contract';
import type { IngestState } from './calls.ts';

export type ChannelSocketHandlers = {
  onBroadcast(broadcast: PublicBroadcast): void;
  onIngest(ingest: IngestState): void;
  onAudience(audience: number): void;
};

/**
 * The studio's own line to realtime: changes of broadcast, ingest and audience. News are hints, the page also asks the API.
 * @returns whether the line stands; false for the first moments and while it is being mended
 */
export function useChannelSocket(handle: string, handlers: ChannelSocketHandlers): boolean {
  const [connected, setConnected] = useState(false);
  const latest = useRef(handlers);
  latest.current = handlers;

  useEffect(() => {
    let socket: Socket<ServerToClient, ClientToServer> | null = null;
    let closed = false;
    void import('socket.io-client').then(({ io }) => {
      if (closed) return;
      socket = io({ path: '/socket.io/', transports: ['websocket'], auth: { v: 1 }, reconnectionDelayMax: 5000 });
      const line = socket;
      line.on('connect', () => {
        line.emit('channel:join', { handle }, (answer) => {
          setConnected(answer.ok);
          if (!answer.ok) return;
          latest.current.onAudience(answer.audience);
          if (answer.broadcast) latest.current.onBroadcast(answer.broadcast);
        });
      });
      line.on('disconnect', () => setConnected(false));
      line.on('broadcast:changed', ({ broadcast }) => latest.current.onBroadcast(broadcast));
      line.on('ingest:changed', ({ ingest }) => latest.current.onIngest(ingest));
      line.on('audience:count', ({ audience }) => latest.current.onAudience(audience));
    });
    return () => {
      closed = true;
      socket?.disconnect();
    };
  }, [handle]);

  return connected;
}
