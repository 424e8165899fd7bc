'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { PublicChannel } from '#core/broadcast/public-views';
import { type ApiError, isApiError } from '../api.ts';
import { calls, type OwnBroadcast } from './calls.ts';
import { currentBroadcast, isOnAir, isStarting } from './state-words.ts';

export type Show = {
  status: 'loading' | 'ready' | 'failed';
  /** Why the first load failed, or why the newest look failed while older facts are still shown. */
  error: ApiError | null;
  channel: PublicChannel | null;
  broadcasts: OwnBroadcast[];
  broadcast: OwnBroadcast | null;
};

/** How long until the next look, ms. News come by socket; looking again mends what the socket lost. */
export function pollDelayMs(broadcast: OwnBroadcast | null, failed: boolean): number {
  if (failed) return 3000;
  if (!broadcast) return 10_000;
  if (isStarting(broadcast) || broadcast.state === 'ending') return 1000;
  return isOnAir(broadcast) ? 4000 : 8000;
}

async function look(handle: string, known: PublicChannel | null, signal: AbortSignal) {
  const [channel, broadcasts] = await Promise.all([
    known ?? calls.channel(handle, signal),
    calls.broadcasts(handle, signal),
  ]);
  const newest = currentBroadcast(broadcasts);
  const broadcast = newest && newest.state !== 'ended' ? await calls.broadcast(newest.id, signal) : newest;
  return { channel, broadcasts, broadcast };
}

/** The channel's show as the API tells it, kept fresh. `refresh` looks now; `put` takes an answer of a call at once. */
export function useShow(handle: string): Show & { refresh(): void; put(broadcast: OwnBroadcast): void } {
  const [show, setShow] = useState<Show>({
    status: 'loading',
    error: null,
    channel: null,
    broadcasts: [],
    broadcast: null,
  });
  const latest = useRef(show);
  latest.current = show;
  const again = useRef<() => void>(() => undefined);

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let looking = false;
    let wanted = false;
    const run = async () => {
      clearTimeout(timer);
      if (looking) {
        wanted = true;
        return;
      }
      looking = true;
      let failed = false;
      try {
        const seen = await look(handle, latest.current.channel, stop.signal);
        if (!stop.signal.aborted) setShow({ status: 'ready', error: null, ...seen });
      } catch (error) {
        failed = true;
        const reason = isApiError(error) ? error : null;
        if (!stop.signal.aborted)
          setShow((old) => ({ ...old, status: old.status === 'ready' ? 'ready' : 'failed', error: reason }));
      }
      looking = false;
      if (stop.signal.aborted) return;
      const delay = wanted ? 0 : pollDelayMs(latest.current.broadcast, failed);
      wanted = false;
      timer = setTimeout(run, delay);
    };
    again.current = () => void run();
    void run();
    const onVisible = () => document.visibilityState === 'visible' && void run();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [handle]);

  const refresh = useCallback(() => again.current(), []);
  const put = useCallback((broadcast: OwnBroadcast) => {
    setShow((old) => ({
      ...old,
      broadcast: old.broadcast?.id === broadcast.id ? { ...old.broadcast, ...broadcast } : broadcast,
      broadcasts: [broadcast, ...old.broadcasts.filter((one) => one.id !== broadcast.id)],
    }));
  }, []);
  return { ...show, refresh, put };
}
