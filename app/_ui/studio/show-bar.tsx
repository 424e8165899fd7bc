'use client';

import { ExternalLink, Square } from 'lucide-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '../primitives/button.tsx';
import { buttonLook } from '../primitives/button-look.ts';
import { Confirm } from '../primitives/confirm.tsx';
import { StateLine } from '../primitives/state-line.tsx';
import { formatClock, secondsBetween } from '../time.ts';
import type { OwnBroadcast } from './calls.ts';
import { EmbedDialog } from './embed-dialog.tsx';
import { canEnd, isOnAir, type StudioWords } from './state-words.ts';
import { useSentence } from './use-sentence.ts';
import { isClosed } from './visibility.ts';

export type ShowBarProps = {
  handle: string;
  channelName: string;
  broadcast: OwnBroadcast | null;
  words: StudioWords;
  nowMs: number;
  audience: number;
  busy: boolean;
  ending: boolean;
  error: string | null;
  onGoLive(): void;
  onEnd(): Promise<boolean>;
};

/** State, clock and sentence on top of the studio, with the one button that matters now. */
export function ShowBar(props: ShowBarProps) {
  const t = useTranslations('studio');
  const sentence = useSentence(props.words);
  const [asked, setAsked] = useState(false);
  const { broadcast } = props;
  const onAir = isOnAir(broadcast);
  const endable = canEnd(broadcast);
  // What not everyone may watch has its page under its own address alone.
  const isApart = broadcast !== null && broadcast.state !== 'ended' && isClosed(broadcast.visibility);
  const watchPath = isApart ? `/${props.handle}/${broadcast.id}` : `/${props.handle}`;
  const seconds = onAir ? secondsBetween(broadcast?.startedAt ?? null, null, props.nowMs) : 0;

  return (
    <div className="sticky top-14 z-30 -mx-1 flex flex-col gap-2 bg-page px-1 py-2">
      <StateLine
        tone={props.words.tone}
        state={t(`state.${props.words.state}`)}
        clock={formatClock(props.nowMs > 0 ? seconds : 0)}
        clockLabel={t('offAirClock')}
        sentence={sentence}
      >
        <Link href={watchPath} target="_blank" className={buttonLook({ tone: 'quiet', size: 'md' })}>
          <ExternalLink aria-hidden className="size-4" strokeWidth={1.75} />
          <span className="max-sm:sr-only">{t('watchPage')}</span>
        </Link>
        <EmbedDialog handle={props.handle} channelName={props.channelName} broadcast={broadcast} />
        {endable || props.ending ? (
          <Button busy={props.ending} onClick={() => setAsked(true)}>
            <Square aria-hidden className="size-4" strokeWidth={1.75} />
            {onAir ? t('endBroadcast') : t('cancelStart')}
          </Button>
        ) : (
          <Button tone="primary" busy={props.busy} disabled={broadcast?.state === 'ending'} onClick={props.onGoLive}>
            {t('goLive')}
          </Button>
        )}
      </StateLine>
      {props.error && (
        <p role="alert" className="rounded-control border border-warn/50 bg-warn-fill px-4 py-2 text-13">
          {props.error}
        </p>
      )}
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={t('endTitle')}
        consequence={onAir ? t('endConsequence', { count: props.audience }) : t('cancelConsequence')}
        action={onAir ? t('endBroadcast') : t('cancelStart')}
        busy={props.ending}
        error={props.error}
        onConfirm={() => void props.onEnd().then((ended) => ended && setAsked(false))}
      />
    </div>
  );
}
