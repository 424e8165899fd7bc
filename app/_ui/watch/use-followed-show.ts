'use client';

import { useEffect, useState } from 'react';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import { isOnAir, nextShown, phaseOf, withPlaybackOf } from './show-phase.ts';
import { type ShowPlace, useChannelSocket } from './use-channel-socket.ts';

/**
 * What a page shows as news come: from what the server painted first, through the socket.
 * @param follow isFixed: stays with its broadcast whatever else begins · show: the chat of a broadcast that not everyone may watch
 */
export function useFollowedShow(
  handle: string,
  isWanted: boolean,
  follow: { broadcast: PublicBroadcast | null; isFixed: boolean; show?: ShowPlace },
) {
  const { broadcast, isFixed, show } = follow;
  const { state, client, say } = useChannelSocket(handle, isWanted, show);
  const [shown, setShown] = useState(broadcast);
  const [other, setOther] = useState<PublicBroadcast | null>(null);
  const news = state.broadcast ?? null;
  useEffect(() => {
    if (!news) return;
    setShown((before) => nextShown(before, news, isFixed));
    setOther(isFixed && isOnAir(phaseOf(news)) ? news : null);
  }, [news, isFixed]);
  return { shown: withPlaybackOf(shown, broadcast), other, news, state, client, say };
}
