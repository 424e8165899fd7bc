'use client';

import { useCallback, useEffect, useState } from 'react';
import { calls, type OwnTicket } from './calls.ts';

/** People open their tickets while the list is looked at. */
const LOOK_EVERY_MS = 5000;

/** A show's tickets, newest first. */
export function useTickets(broadcastId: string) {
  const [list, setList] = useState<OwnTicket[] | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const look = useCallback(async () => {
    try {
      setList((await calls.tickets(broadcastId)).toReversed());
      setHasFailed(false);
    } catch {
      setHasFailed(true);
    }
  }, [broadcastId]);
  useEffect(() => {
    void look();
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);
  return { list, hasFailed, look };
}
