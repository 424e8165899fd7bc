'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { cn } from '../cn.ts';
import { buttonLook } from '../primitives/button-look.ts';
import { ReactionBar } from './reaction-bar.tsx';
import { ShowInfo } from './show-info.tsx';
import { hasPicture, phaseOf } from './show-phase.ts';
import { ShowPicture } from './show-picture.tsx';
import type { ShowPlace } from './use-channel-socket.ts';
import { useFollowedShow } from './use-followed-show.ts';
import { usePlayerNews } from './use-player-news.ts';
import { useTheatre } from './use-theatre.ts';
import { WATCH_LOOK } from './watch-look.ts';

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

  const { room, view, theatre } = useTheatre();
  const look = WATCH_LOOK[view];
  // Audience and reactions are those of the channel's current broadcast.
  const isCurrent = !isFixed || news?.id === shown?.id;
  const audience = (isCurrent ? state.audience : null) ?? shown?.audience ?? 0;
  return (
    <div ref={room} className={look.room}>
      {/* Without a box of its own on a phone, so that the picture stays in sight down to the end of the chat. */}
      <div className="min-w-0 max-lg:contents">
        <div className={look.stage}>
          <ShowPicture
            channel={channel}
            broadcast={shown}
            lastShow={props.lastShow}
            client={client}
            look={look.picture}
            theatre={theatre}
            onStatus={onStatus}
          />
        </div>
        <div className={cn('flex flex-col gap-4', look.info)}>
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
      <ChatPanel state={state} client={client} onSay={say} onWanted={() => setMayChat(true)} className={look.chat} />
    </div>
  );
}
