'use client';

import { Eye } from 'lucide-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { PublicBroadcast, PublicChannel } from '#core/broadcast/public-views';
import { Badge, LiveBadge } from '../primitives/badge.tsx';
import { formatClock, secondsBetween } from '../time.ts';
import { ShareButton } from './share-button.tsx';
import { isOnAir, phaseOf, type ShowPhase } from './show-phase.ts';
import { useNowMs, useWhen } from './when.tsx';

/** Under the picture: title, channel, how many watch, since when, one sentence about its state. */
export function ShowInfo(props: {
  channel: PublicChannel;
  broadcast: PublicBroadcast | null;
  audience: number;
  url: string;
}) {
  const { channel, broadcast } = props;
  const t = useTranslations('watch');
  const phase = phaseOf(broadcast);
  const sentence = useSentence(phase, broadcast);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-start justify-between gap-4">
        <h1 className="min-w-0 flex-1 text-20">{broadcast?.title || channel.name}</h1>
        <ShareButton url={props.url} title={broadcast?.title || channel.name} />
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
        <PhaseBadge phase={phase} />
        <Link
          href={`/${channel.handle}`}
          className="-my-2 inline-flex min-h-10 items-center font-medium text-ink hover:underline"
        >
          {channel.name}
        </Link>
        {isOnAir(phase) && (
          <span className="inline-flex items-center gap-1.5 tabular">
            <Eye aria-hidden className="size-4" strokeWidth={1.75} />
            {t('watching', { count: props.audience })}
          </span>
        )}
        {broadcast && <Times phase={phase} broadcast={broadcast} />}
      </div>
      <p role="status" className="text-muted empty:hidden">
        {sentence}
      </p>
      {broadcast?.description && <p className="max-w-prose whitespace-pre-line">{broadcast.description}</p>}
    </div>
  );
}

export function PhaseBadge({ phase }: { phase: ShowPhase }) {
  const t = useTranslations('watch.state');
  if (phase === 'none') return null;
  if (phase === 'live' || phase === 'interrupted' || phase === 'ending') {
    return <LiveBadge label={t('live')} behind={phase !== 'live'} />;
  }
  if (phase === 'processing' || phase === 'cancelled' || phase === 'removed') return <Badge>{t('ended')}</Badge>;
  return <Badge tone={phase === 'recording' ? 'neutral' : 'accent'}>{t(phase)}</Badge>;
}

function Times({ phase, broadcast }: { phase: ShowPhase; broadcast: PublicBroadcast }) {
  const t = useTranslations('watch');
  const nowMs = useNowMs(1000);
  const started = useWhen(broadcast.startedAt);
  if (isOnAir(phase) && broadcast.startedAt) {
    if (nowMs === null) return null;
    const seconds = secondsBetween(broadcast.startedAt, null, nowMs);
    return <span className="tabular">{t('onAirFor', { time: formatClock(seconds) })}</span>;
  }
  if ((phase === 'recording' || phase === 'processing') && broadcast.startedAt && broadcast.endedAt) {
    const length = formatClock(secondsBetween(broadcast.startedAt, broadcast.endedAt, 0));
    return (
      <span className="tabular" suppressHydrationWarning>
        {t('startedAt', { when: started })} · {t('lasted', { time: length })}
      </span>
    );
  }
  return null;
}

function useSentence(phase: ShowPhase, broadcast: PublicBroadcast | null): string {
  const t = useTranslations('watch.sentence');
  const when = useWhen(broadcast?.startsAt ?? null);
  switch (phase) {
    case 'none':
    case 'live':
      return '';
    case 'scheduled':
      return when ? t('scheduled', { when }) : t('scheduledUnknown');
    case 'recording':
      return t('endedRecording');
    case 'processing':
      return t('endedProcessing');
    default:
      return t(phase);
  }
}
