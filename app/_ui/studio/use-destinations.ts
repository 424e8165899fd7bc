'use client';

import { useCallback, useEffect, useState } from 'react';
import { calls, type Destination } from './calls.ts';

export type Destinations = {
  status: 'loading' | 'ready' | 'failed';
  list: Destination[];
  reload(): void;
  put(destination: Destination): void;
  drop(id: string): void;
};

/**
 * A channel's destinations; while on air their state comes with the broadcast.
 * @param live states of the running broadcast's pushes, newest first seen
 */
export function useDestinations(handle: string, live: readonly Destination[] | undefined): Destinations {
  const [status, setStatus] = useState<Destinations['status']>('loading');
  const [list, setList] = useState<Destination[]>([]);
  const [asks, setAsks] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asks` loads again
  useEffect(() => {
    const stop = new AbortController();
    calls
      .destinations(handle, stop.signal)
      .then((answer) => {
        setList(answer);
        setStatus('ready');
      })
      .catch(() => !stop.signal.aborted && setStatus((old) => (old === 'ready' ? old : 'failed')));
    return () => stop.abort();
  }, [handle, asks]);

  const reload = useCallback(() => setAsks((old) => old + 1), []);
  const put = useCallback(
    (one: Destination) =>
      setList((old) =>
        old.some(({ id }) => id === one.id) ? old.map((was) => (was.id === one.id ? one : was)) : [...old, one],
      ),
    [],
  );
  const drop = useCallback((id: string) => setList((old) => old.filter((one) => one.id !== id)), []);
  return { status, list: mergeLive(list, live), reload, put, drop };
}

/** The channel's destinations with the running broadcast's newer states. */
export function mergeLive(list: readonly Destination[], live: readonly Destination[] | undefined): Destination[] {
  return list.map((one) => {
    const seen = live?.find(({ id }) => id === one.id);
    return seen ? { ...one, state: seen.state, lastError: seen.lastError, bitrateKbps: seen.bitrateKbps } : one;
  });
}
