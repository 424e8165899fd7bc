import { Play } from 'lucide-react';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { PublicBroadcast } from '#core/broadcast/public-views';
import { cn } from '../cn.ts';
import { formatClock, secondsBetween } from '../time.ts';
import { CardPicture } from './card-picture.tsx';
import { PhaseBadge } from './show-info.tsx';
import { isOnAir, phaseOf } from './show-phase.ts';
import { When } from './when.tsx';

/** One broadcast in a list; the whole card is the link. */
export async function BroadcastCard({ broadcast, isLarge = false }: { broadcast: PublicBroadcast; isLarge?: boolean }) {
  const t = await getTranslations('watch');
  const { channel } = broadcast;
  const phase = phaseOf(broadcast);
  const isLive = isOnAir(phase);
  const length = secondsBetween(broadcast.startedAt, broadcast.endedAt, 0);
  return (
    <Link
      href={isLive ? `/${channel.handle}` : `/${channel.handle}/${broadcast.id}`}
      className="group flex min-w-0 flex-col gap-2 rounded-video"
    >
      <span className="relative block aspect-video overflow-hidden rounded-video border border-line bg-raised">
        <CardPicture src={pictureOf(broadcast)} name={channel.name} />
        <span className="absolute top-2 left-2">
          <PhaseBadge phase={phase} />
        </span>
        {!isLive && broadcast.endedAt && length > 0 && (
          <span className="absolute right-2 bottom-2 rounded-control bg-black/75 px-1.5 py-0.5 text-12 text-white tabular">
            {formatClock(length)}
          </span>
        )}
        <span
          aria-hidden
          className="absolute inset-0 grid place-items-center bg-black/30 opacity-0 transition-opacity duration-120 group-hover:opacity-100"
        >
          <Play className="size-10 text-white" strokeWidth={1.5} />
        </span>
      </span>
      <span className="flex flex-col px-1">
        <span className={cn('line-clamp-2 font-semibold group-hover:underline', isLarge ? 'text-20' : 'text-14')}>
          {broadcast.title || channel.name}
        </span>
        <span className="flex flex-wrap gap-x-1 text-muted">
          <span>{channel.name}</span>
          {isLive && <span className="tabular">· {t('watching', { count: broadcast.audience })}</span>}
          {phase === 'scheduled' && broadcast.startsAt && (
            <span>
              · <When iso={broadcast.startsAt} />
            </span>
          )}
          {!isLive && broadcast.endedAt && (
            <span>
              · <When iso={broadcast.endedAt} />
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}

/** The picture stands beside the playlist; before the first one is made there is none. */
function pictureOf(broadcast: PublicBroadcast): string | null {
  const hasOne = isOnAir(phaseOf(broadcast)) || broadcast.hasRecording;
  return hasOne ? broadcast.playback.hls.replace(/index\.m3u8(\?.*)?$/, 'thumb.jpg') : null;
}
