'use client';

import { MessageSquare, WifiOff } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useTranslations } from 'next-intl';
import { type ReactNode, useRef } from 'react';
import { cn } from '../cn.ts';
import { Skeleton } from '../primitives/skeleton.tsx';
import type { ChannelClient } from '../watch/channel-client.ts';
import type { ChannelState } from '../watch/channel-state.ts';
import { Composer } from './composer.tsx';

/** Wanted once the chat has answered, so not before the first picture: a list that recycles its lines, a dialog with a field. */
const MessageList = dynamic(() => import('./message-list.tsx').then((found) => found.MessageList), {
  ssr: false,
  // In its place, so that the line to write in stays where it is.
  loading: () => <div className="min-h-0 flex-1" />,
});
const GuestName = dynamic(() => import('./guest-name.tsx').then((found) => found.GuestName), { ssr: false });
const LOADING_LINES = ['w-2/3', 'w-1/2', 'w-3/4', 'w-2/5', 'w-3/5'];

/** A channel's chat beside the picture. */
export function ChatPanel(props: {
  state: ChannelState;
  client: ChannelClient | null;
  onSay(text: string): void;
  /** Somebody goes to write: there is no waiting for the picture any more. */
  onWanted(): void;
  /** Where something is asked before one may write. */
  inPlaceOfComposer?: ReactNode;
  className?: string;
}) {
  const { state, client } = props;
  const t = useTranslations('chat');
  const panel = useRef<HTMLElement>(null);
  const onFocus = () => {
    props.onWanted();
    // On a phone the browser brings the line into the middle, behind the picture: the whole chat belongs right under it.
    if (!matchMedia('(min-width: 64rem)').matches)
      requestAnimationFrame(() => panel.current?.scrollIntoView({ block: 'start' }));
  };
  const isEmpty = state.chat.lines.length === 0 && state.outbox.length === 0;
  return (
    <section ref={panel} aria-label={t('title')} className={cn('flex min-h-0 flex-col bg-panel', props.className)}>
      <header className="flex min-h-12 items-center justify-between gap-2 border-b border-line py-1 pr-2 pl-4">
        <h2 className="text-14">{t('title')}</h2>
        {state.me && client && <GuestName me={state.me} onRename={(name) => client.rename(name, t('nameOffline'))} />}
      </header>
      {state.connection === 'connecting' && isEmpty ? (
        <Loading label={t('connecting')} />
      ) : isEmpty ? (
        <div className="flex min-h-0 flex-1 flex-col items-center justify-center gap-2 p-6 text-center text-muted">
          <MessageSquare aria-hidden className="size-5" strokeWidth={1.75} />
          <p>{state.connection === 'refused' ? (state.refusal ?? t('refused')) : t('empty')}</p>
        </div>
      ) : (
        <MessageList
          state={state}
          onRetry={(clientId) => client?.retry(clientId)}
          onDiscard={(clientId) => client?.discard(clientId)}
        />
      )}
      <div role="status">
        {state.connection === 'reconnecting' && (
          <p className="flex items-start gap-2 border-t border-warn/40 bg-warn-fill px-4 py-2 text-13 text-warn">
            <WifiOff aria-hidden className="mt-0.5 size-4 shrink-0" strokeWidth={1.75} />
            {t('reconnecting')}
          </p>
        )}
        {state.connection === 'refused' && !isEmpty && (
          <p className="border-t border-line px-4 py-2 text-13 text-muted">{state.refusal ?? t('refused')}</p>
        )}
      </div>
      {props.inPlaceOfComposer ?? (
        <Composer isOpen={state.connection !== 'refused'} onSay={props.onSay} onFocus={onFocus} />
      )}
    </section>
  );
}

function Loading({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="flex min-h-0 flex-1 flex-col justify-end gap-3 p-4">
      {LOADING_LINES.map((width) => (
        <Skeleton key={width} className={cn('h-4', width)} />
      ))}
    </div>
  );
}
