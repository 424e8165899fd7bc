'use client';

import { useEffect, useState } from 'react';
import type { Lock } from '#core/broadcast/let-in';
import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import { cn } from '../cn.ts';
import { EmbedChat } from './embed-chat.tsx';
import type { EmbedForm } from './embed-form.ts';
import { Gate } from './gate.tsx';
import { hasPicture, phaseOf } from './show-phase.ts';
import { ShowPicture } from './show-picture.tsx';
import { useFollowedShow } from './use-followed-show.ts';
import { usePlayerNews } from './use-player-news.ts';
import { useUnlock } from './use-unlock.ts';

type Room = {
  channel: PublicChannel;
  form: EmbedForm;
  autoplay: boolean;
  counted: boolean;
  isFixed: boolean;
  broadcast: PublicBroadcast | null;
  show?: { id: string; pass: string | null };
  onForbidden?(): void;
};

/** A broadcast behind a gate, in somebody else's frame. */
export function LockedEmbed(
  props: Omit<Room, 'broadcast' | 'isFixed' | 'show' | 'onForbidden'> & { id: string; lock: Lock },
) {
  const { id, lock, ...room } = props;
  const { state, submit, retry, lost } = useUnlock(id, lock);
  if (state.kind !== 'in') {
    return (
      <main id="main" aria-label={room.channel.name} data-frame className="h-dvh">
        <Gate lock={lock} channel={room.channel} state={state} onSubmit={submit} onRetry={retry} />
      </main>
    );
  }
  const show = state.pass === null ? undefined : { id, pass: state.pass };
  return <EmbedRoom {...room} broadcast={state.broadcast} isFixed show={show} onForbidden={lost} />;
}

/** Picture, chat or both in somebody else's frame; both stand beside each other where it is wider than high. */
export function EmbedRoom(props: Room) {
  const { channel, form, show, onForbidden } = props;
  const [mayChat, setMayChat] = useState(form === 'chat');
  const follow = { broadcast: props.broadcast, isFixed: props.isFixed, show };
  const { shown, state, client, say } = useFollowedShow(channel.handle, mayChat && form !== 'player', follow);
  const hasPlayer = form !== 'chat' && hasPicture(phaseOf(shown));
  // A chat alone has no player that would tell.
  const isRefused = show !== undefined && state.connection === 'refused';
  useEffect(() => {
    if (isRefused) onForbidden?.();
  }, [isRefused, onForbidden]);
  const onStatus = usePlayerNews({ src: shown?.playback.hls, hasPlayer, onMayChat: setMayChat, onForbidden });
  return (
    <main
      id="main"
      aria-label={channel.name}
      tabIndex={-1}
      data-frame
      className={cn(
        'outline-none flex h-dvh min-h-0 flex-col bg-black',
        form === 'both' && 'landscape:grid landscape:grid-cols-[minmax(0,1fr)_min(20rem,45%)] landscape:grid-rows-1',
      )}
    >
      <h1 className="sr-only">{channel.name}</h1>
      {form !== 'chat' && (
        <div className={cn('min-h-0', form === 'player' ? 'flex-1' : 'portrait:shrink-0 landscape:h-dvh')}>
          <ShowPicture
            channel={channel}
            broadcast={shown}
            lastShow={null}
            client={client}
            onStatus={onStatus}
            look={form === 'player' ? 'h-full' : 'portrait:aspect-video landscape:h-full'}
            autoplay={props.autoplay}
            counted={props.counted}
            api
          />
        </div>
      )}
      {form !== 'player' && (
        <EmbedChat
          state={state}
          client={client}
          onSay={say}
          onWanted={() => setMayChat(true)}
          className={cn(
            'min-h-0 flex-1',
            form === 'both' && 'border-line portrait:border-t landscape:h-dvh landscape:border-l',
          )}
        />
      )}
    </main>
  );
}
