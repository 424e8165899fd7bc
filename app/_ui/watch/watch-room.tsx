'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { buttonLook } from '../primitives/button-look.ts';
import { ReactionBar } from './reaction-bar.tsx';
import { ShowInfo } from './show-info.tsx';
import { hasPicture, phaseOf } from './show-phase.ts';
import { ShowPicture } from './show-picture.tsx';
import type { ShowPlace } from './use-channel-socket.ts';
import { useFollowedShow } from './use-followed-show.ts';
import { usePlayerNews } from './use-player-news.ts';

/** A watch page's living part: picture, what is known about it, chat. `broadcast` is what the server painted first. */
export function WatchRoom(props: {
  channel: PublicChannel;
  broadcast: PublicBroadcast | null;
  lastShow: PublicBroadcast | null;
  /** True at `/{handle}/{broadcastId}`: stays with its broadcast. */
  isFixed: boolean;
  /** Address to share. */
  url: string;
  /** The chat's place when not everyone may watch. */
  show?: ShowPlace;
  /** The origin plays it to this browser no longer. */
  onForbidden?(): void;
}) {
  const { channel, isFixed, onForbidden } = props;
  const t = useTranslations('watch');
  const [mayChat, setMayChat] = useState(false);
  const { shown, other, news, state, client, say } = useFollowedShow(channel.handle, mayChat, props);

  const hasPlayer = hasPicture(phaseOf(shown));
  const onStatus = usePlayerNews({ src: shown?.playback.hls, hasPlayer, onMayChat: setMayChat, onForbidden });

  // Audience and reactions are those of the channel's current broadcast.
  const isCurrent = !isFixed || news?.id === shown?.id;
  const audience = (isCurrent ? state.audience : null) ?? shown?.audience ?? 0;
  return (
    <div className="lg:grid lg:grid-cols-[minmax(0,1fr)_22.5rem] lg:gap-6 xl:grid-cols-[minmax(0,1fr)_25rem]">
      {/* Without a box of its own on a phone, so that the picture stays in sight down to the end of the chat. */}
      <div className="min-w-0 max-lg:contents">
        <div className="max-lg:sticky max-lg:top-14 max-lg:z-30">
          <ShowPicture
            channel={channel}
            broadcast={shown}
            lastShow={props.lastShow}
            client={client}
            onStatus={onStatus}
            look="aspect-video lg:rounded-video"
          />
        </div>
        <div className="flex flex-col gap-4 px-4 py-4 lg:px-0">
          {other && other.id !== shown?.id && (
            <p className="flex flex-wrap items-center justify-between gap-3 rounded-panel border border-line bg-raised px-4 py-2">
              {t('otherLive', { channel: channel.name, title: other.title })}
              <Link href={`/${channel.handle}`} className={buttonLook({ tone: 'primary', size: 'sm' })}>
                {t('watchNow')}
              </Link>
            </p>
          )}
          <ShowInfo channel={channel} broadcast={shown} audience={audience} url={props.url} />
          {hasPlayer && isCurrent && <ReactionBar state={state} client={client} />}
        </div>
      </div>
      <ChatPanel
        state={state}
        client={client}
        onSay={say}
        onWanted={() => setMayChat(true)}
        className="border-line max-lg:h-[max(22rem,calc(100dvh-3.5rem-56.25vw))] max-lg:scroll-mt-[calc(3.5rem+56.25vw)] max-lg:border-t lg:sticky lg:top-[4.75rem] lg:h-[calc(100dvh-6rem)] lg:overflow-hidden lg:rounded-panel lg:border"
      />
    </div>
  );
}
