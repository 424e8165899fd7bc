'use client';

import { useFormatter, useTranslations } from 'next-intl';
import type { ChatMessage } from '#realtime/contract';
import { cn } from '../cn.ts';
import { Button } from '../primitives/button.tsx';
import { MessageText } from './message-text.tsx';
import type { PendingLine } from './outbox.ts';

/** One of ten hues by the author's id, none of them red; lightness follows the theme, so a name always reads. */
function hueOf(authorId: string): number {
  let hash = 0;
  for (const letter of authorId) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return 60 + (hash % 10) * 30;
}

const NAME = 'font-semibold [--name-l:0.48] dark:[--name-l:0.8]';

export function MessageLine({ message, isMine }: { message: ChatMessage; isMine: boolean }) {
  const t = useTranslations('chat');
  const format = useFormatter();
  const { author } = message;
  const time = format.dateTime(message.atMs, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const isTeam = author.role === 'host' || author.role === 'moderator';
  return (
    <div className={cn('px-4 py-1 leading-snug', isMine && 'bg-raised/60')}>
      {isTeam && (
        <span
          className={cn(
            'mr-1.5 rounded-control border px-1 py-px text-12 font-medium',
            author.role === 'host' ? 'border-link/50 text-link' : 'border-mod/50 text-mod',
          )}
        >
          {t(`role.${author.role}`)}
        </span>
      )}
      <span className={NAME} style={{ color: `oklch(var(--name-l) 0.11 ${hueOf(author.id)})` }} title={time}>
        <bdi>{author.name}</bdi>
      </span>
      <span aria-hidden>: </span>
      {message.state === 'removed' ? (
        <em className="text-muted">{t('removed')}</em>
      ) : (
        <span dir="auto">
          <MessageText text={message.text} />
        </span>
      )}
    </div>
  );
}

/** A line of mine on its way, or one that did not arrive. */
export function PendingMessage(props: { line: PendingLine; name: string; onRetry(): void; onDiscard(): void }) {
  const t = useTranslations('chat');
  const { line } = props;
  const isFailed = line.state === 'failed';
  return (
    <div className={cn('px-4 py-1 leading-snug', isFailed && 'border-l-2 border-warn bg-warn-fill')}>
      <span className="font-semibold text-muted">
        <bdi>{props.name}</bdi>
      </span>
      <span aria-hidden>: </span>
      <span dir="auto" className="text-muted">
        {line.text}
      </span>
      {isFailed ? (
        <div className="mt-1 flex flex-wrap items-center gap-2">
          <span className="text-13 text-warn">{line.problem || t('notSentTimeout')}</span>
          {line.mayRetry && (
            <Button size="sm" onClick={props.onRetry}>
              {t('retry')}
            </Button>
          )}
          <Button size="sm" tone="quiet" onClick={props.onDiscard}>
            {t('discard')}
          </Button>
        </div>
      ) : (
        <span className="ml-2 text-12 text-muted">{t('sending')}…</span>
      )}
    </div>
  );
}
