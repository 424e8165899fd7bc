'use client';

import { Clapperboard, Radio, RadioTower, Users } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { SignalChip, type SignalTone } from '../primitives/signal-chip.tsx';
import type { IngestState, OwnBroadcast } from './calls.ts';
import type { PublisherState } from './publisher.ts';
import { isPoor } from './signal-rows.ts';
import { isOnAir } from './state-words.ts';

type Word =
  | 'good'
  | 'poor'
  | 'off'
  | 'waiting'
  | 'working'
  | 'reconnecting'
  | 'failed'
  | 'refused'
  | 'interrupted'
  | 'slow';
type Signal = { tone: SignalTone; word: Word };

export function publisherSignal(publisher: PublisherState): Signal {
  switch (publisher.kind) {
    case 'connected':
      return { tone: 'good', word: 'good' };
    case 'connecting':
      return { tone: 'working', word: 'working' };
    case 'reconnecting':
    case 'retrying':
      return { tone: 'warn', word: 'reconnecting' };
    default:
      return { tone: 'idle', word: 'off' };
  }
}

export function ingestSignal(ingest: IngestState | null): Signal {
  switch (ingest?.state) {
    case 'publishing':
      return isPoor(ingest.health) ? { tone: 'warn', word: 'poor' } : { tone: 'good', word: 'good' };
    case 'connecting':
      return isPoor(ingest.health) ? { tone: 'warn', word: 'poor' } : { tone: 'working', word: 'working' };
    case 'failed':
      return { tone: 'warn', word: 'refused' };
    default:
      return { tone: 'idle', word: 'waiting' };
  }
}

export function broadcastSignal(broadcast: OwnBroadcast | null): Signal {
  const failed = broadcast?.outputs?.some(({ state }) => state === 'failed') ?? false;
  switch (broadcast?.state) {
    case 'live':
      return failed ? { tone: 'warn', word: 'failed' } : { tone: 'good', word: 'good' };
    case 'interrupted':
      return { tone: 'warn', word: 'interrupted' };
    case 'ending':
      return { tone: 'working', word: 'working' };
    case 'backstage':
      return broadcast.startRequestedAt ? { tone: 'working', word: 'working' } : { tone: 'idle', word: 'waiting' };
    default:
      return { tone: 'idle', word: 'off' };
  }
}

/** The parts of the show, each with its state in a word. */
export function HealthRow(props: {
  publisher: PublisherState;
  ingest: IngestState | null;
  broadcast: OwnBroadcast | null;
  audience: number;
  newsConnected: boolean;
}) {
  const t = useTranslations('studio.health');
  const you = publisherSignal(props.publisher);
  const encoder = ingestSignal(props.ingest);
  const show = broadcastSignal(props.broadcast);
  return (
    <ul aria-label={t('title')} className="flex flex-wrap gap-2">
      <li>
        <SignalChip icon={Radio} name={t('you')} tone={you.tone} word={t(you.word)} />
      </li>
      <li>
        <SignalChip
          icon={RadioTower}
          name={t('ingest')}
          tone={encoder.tone}
          word={t(encoder.word)}
          title={props.ingest?.sentence}
        />
      </li>
      <li>
        <SignalChip icon={Clapperboard} name={t('broadcast')} tone={show.tone} word={t(show.word)} />
      </li>
      <li>
        <SignalChip
          icon={Users}
          name={t('audience')}
          tone={props.newsConnected && isOnAir(props.broadcast) ? 'good' : 'idle'}
          word={String(props.audience)}
          figure={props.newsConnected ? undefined : t('slow')}
        />
      </li>
    </ul>
  );
}
