'use client';

import { useRouter } from 'next/navigation';
import { useCallback, useRef } from 'react';

/**
 * What a page does when the origin refuses what it plays: asks for the way in again, or for the page as it is by now. Once for each address:
 * a player tells its state many times.
 * @param onForbidden where there is a gate of its own; else the server paints the page anew
 */
export function useRefusedOnce(src: string | undefined, onForbidden: (() => void) | undefined): () => void {
  const router = useRouter();
  const told = useRef<string | null>(null);
  return useCallback(() => {
    if (src === undefined || told.current === src) return;
    told.current = src;
    if (onForbidden) onForbidden();
    else router.refresh();
  }, [src, onForbidden, router]);
}
