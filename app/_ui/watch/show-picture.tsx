'use client';

import { RadioTower } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { PlayerStatus } from 'openair-player';
import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import { cn } from '../cn.ts';
import { buttonLook } from '../primitives/button-look.ts';
import type { ChannelClient } from './channel-client.ts';
import { PlayerFrame } from './player-frame.tsx';
import { hasPicture, phaseOf } from './show-phase.ts';

const ReactionRise = dynamic(() => import('./reaction-rise.tsx'), { ssr: false });

/** The picture, 16:9: the player, or what is said in its place. */
export function ShowPicture(props: {
  channel: PublicChannel;
  broadcast: PublicBroadcast | null;
  lastShow: PublicBroadcast | null;
  client: ChannelClient | null;
  /** Classes that give the picture its size. */
  look: string;
  /** Theatre mode, as the player's button shows it; without it there is no such button. */
  theatre?: 'on' | 'off' | undefined;
  onStatus(status: PlayerStatus): void;
  autoplay?: boolean;
  /** Whether who looks is a viewer, unless false. */
  counted?: boolean;
  api?: boolean;
}) {
  const { broadcast, client } = props;
  return (
    <div className={cn('relative w-full overflow-hidden bg-black', props.look)}>
      {broadcast && hasPicture(phaseOf(broadcast)) ? (
        <PlayerFrame
          key={broadcast.playback.hls}
          src={broadcast.playback.hls}
          title={broadcast.title}
          channel={props.channel.name}
          seats={`/api/v1/broadcasts/${broadcast.id}/seats`}
          theatre={props.theatre}
          knownState={knownStateOf(broadcast)}
          autoplay={props.autoplay}
          counted={props.counted}
          api={props.api}
          onStatus={props.onStatus}
        />
      ) : (
        <Offline channel={props.channel} lastShow={props.lastShow} />
      )}
      {client && <ReactionRise client={client} />}
    </div>
  );
}

/** Only what cannot be wrong a second later: a show on air has a playlist, an ended one too. */
function knownStateOf({ state, hasRecording }: PublicBroadcast): 'live' | 'ended' | undefined {
  if (state === 'live' || state === 'interrupted') return 'live';
  return state === 'ended' && hasRecording ? 'ended' : undefined;
}

function Offline({ channel, lastShow }: { channel: PublicChannel; lastShow: PublicBroadcast | null }) {
  const t = useTranslations('watch.offline');
  return (
    <div
      data-theme="dark"
      className="flex size-full flex-col items-center justify-center gap-2 bg-panel px-6 text-center text-ink sm:gap-3"
    >
      <RadioTower aria-hidden className="size-6 text-muted max-sm:hidden" strokeWidth={1.75} />
      <p className="text-16 font-semibold sm:text-20">{t('title', { channel: channel.name })}</p>
      <p className="max-w-prose text-13 text-muted sm:text-14">{t('text')}</p>
      {lastShow && (
        <Link href={`/${channel.handle}/${lastShow.id}`} className={buttonLook({ tone: 'plain' })}>
          {t('lastShow')}
        </Link>
      )}
    </div>
  );
}
