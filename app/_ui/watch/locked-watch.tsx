'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import type { Lock } from '#core/broadcast/let-in';
import type { PublicChannel } from '#core/broadcast/public-views';
import { Gate } from './gate.tsx';
import { useUnlock } from './use-unlock.ts';
import { WatchRoom } from './watch-room.tsx';

/** The watch page of a broadcast that asks for a password or a ticket: the gate, then the room behind it. */
export function LockedWatch(props: { id: string; lock: Lock; channel: PublicChannel; url: string }) {
  const { id, lock, channel, url } = props;
  const { state, submit, retry, lost } = useUnlock(id, lock);
  const router = useRouter();
  const isOpenByNow = state.kind === 'in' && state.pass === null;
  useEffect(() => {
    // The server paints it like any other from now on.
    if (isOpenByNow) router.refresh();
  }, [isOpenByNow, router]);

  if (state.kind !== 'in') {
    return (
      <div className="mx-auto aspect-video max-h-[calc(100dvh-6rem)] min-h-80 w-full max-w-5xl overflow-hidden border-line max-lg:border-b lg:rounded-video lg:border">
        <Gate lock={lock} channel={channel} state={state} onSubmit={submit} onRetry={retry} />
      </div>
    );
  }
  return (
    <WatchRoom
      channel={channel}
      broadcast={state.broadcast}
      lastShow={null}
      isFixed
      url={url}
      show={{ id, pass: state.pass }}
      onForbidden={lost}
    />
  );
}
