'use client';

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ChannelClient } from './channel-client.ts';
import { type ChannelState, FIRST_STATE } from './channel-state.ts';

/** The chat of one broadcast that not everyone may watch; whoever runs the channel has no pass. */
export type ShowPlace = { id: string; pass: string | null };

const nothing = () => () => {};

/**
 * The page's place in a channel. Code and socket are loaded once `isWanted` turns true: after the first picture, so that chat
 * never delays it. `say` takes lines before that too; they are sent when the page is in.
 */
export function useChannelSocket(
  handle: string,
  isWanted: boolean,
  show?: ShowPlace,
): { state: ChannelState; client: ChannelClient | null; say(text: string): void } {
  const early = useRef<string[]>([]);
  const [client, setClient] = useState<ChannelClient | null>(null);
  const wasWanted = useRef(false);
  wasWanted.current ||= isWanted;
  const shouldOpen = wasWanted.current;
  const showId = show?.id ?? null;
  const pass = useRef(show?.pass ?? null);
  useEffect(() => {
    pass.current = show?.pass ?? null;
  });

  useEffect(() => {
    if (!shouldOpen) return;
    let isGone = false;
    let opened: ChannelClient | null = null;
    const open = async () => {
      const { openChannel } = await import('./open-channel.ts');
      if (isGone) return;
      // The newest pass at each join: it is given anew while one watches.
      opened = openChannel(handle, showId === null ? undefined : () => ({ id: showId, pass: pass.current }));
      setClient(opened);
      opened.open();
      for (const text of early.current.splice(0)) opened.say(text);
    };
    // A chunk that did not come is asked for again when the browser is back.
    const tryOpen = () => void open().catch(() => window.addEventListener('online', tryOpen, { once: true }));
    tryOpen();
    return () => {
      isGone = true;
      window.removeEventListener('online', tryOpen);
      opened?.close();
      setClient(null);
    };
  }, [handle, shouldOpen, showId]);

  const state = useSyncExternalStore(
    client?.subscribe ?? nothing,
    () => client?.getState() ?? FIRST_STATE,
    () => FIRST_STATE,
  );
  const say = useCallback((text: string) => (client ? client.say(text) : void early.current.push(text)), [client]);
  return { state, client, say };
}
