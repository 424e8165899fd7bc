'use client';

import { useRouter } from 'next/navigation';
import type { PlayerStatus } from 'openair-player';
import { useCallback, useEffect, useRef } from 'react';

/**
 * What a page does when the origin refuses what it plays: asks for the way in again, or for the page as it is by now. Once for each address:
 * a player tells its state many times.
 * @param onForbidden where there is a gate of its own; else the server paints the page anew
 */
function useRefusedOnce(src: string | undefined, onForbidden: (() => void) | undefined): () => void {
  const router = useRouter();
  const told = useRef<string | null>(null);
  return useCallback(() => {
    if (src === undefined || told.current === src) return;
    told.current = src;
    if (onForbidden) onForbidden();
    else router.refresh();
  }, [src, onForbidden, router]);
}

/** The chat waits for the first picture, but not for ever. */
const CHAT_PATIENCE_MS = 2500;

/**
 * What a page makes of the player's states: the chat may begin, or the way in is asked for again.
 * @param onMayChat keeps its identity
 */
export function usePlayerNews(page: {
  src: string | undefined;
  hasPlayer: boolean;
  onMayChat(may: true): void;
  onForbidden: (() => void) | undefined;
}): (status: PlayerStatus) => void {
  const { src, hasPlayer, onMayChat, onForbidden } = page;
  useEffect(() => {
    const patience = setTimeout(() => onMayChat(true), hasPlayer ? CHAT_PATIENCE_MS : 0);
    return () => clearTimeout(patience);
  }, [hasPlayer, onMayChat]);
  const onRefused = useRefusedOnce(src, onForbidden);
  return useCallback(
    (status: PlayerStatus) => {
      if (status.phase !== 'loading') onMayChat(true);
      if (status.problem?.code === 'forbidden') onRefused();
    },
    [onRefused, onMayChat],
  );
}
