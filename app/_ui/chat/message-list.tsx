'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import type { ChannelState } from '../watch/channel-state.ts';
import { type ListItem, listItems } from './list-items.ts';
import { MessageLine, PendingMessage } from './message-line.tsx';

const LINE_PX = 29;
/** Within this of the bottom counts as being there. */
const BOTTOM_PX = 48;

/** The log: follows the bottom; stays where it is once scrolled up, and says how many are new. */
export function MessageList(props: {
  state: Pick<ChannelState, 'chat' | 'outbox' | 'interruption' | 'me'>;
  onRetry(clientId: string): void;
  onDiscard(clientId: string): void;
}) {
  const { chat, outbox, interruption, me } = props.state;
  const t = useTranslations('chat');
  const box = useRef<HTMLDivElement>(null);
  const items = listItems(chat.lines, interruption, outbox);
  const [seenSeq, setSeenSeq] = useState<number | null>(null);
  const follows = seenSeq === null;
  const unseen = follows ? 0 : chat.lines.filter((line) => line.seq > seenSeq).length;

  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: BOTTOM_PX,
    paddingStart: 8,
    paddingEnd: 8,
  });

  // My own line is what I want to see, wherever I was.
  const pendingCount = outbox.length;
  const lastPending = useRef(0);
  useEffect(() => {
    if (pendingCount > lastPending.current) virtual.scrollToEnd();
    lastPending.current = pendingCount;
  }, [pendingCount, virtual]);

  const onScroll = () => {
    // Measured here: the virtualizer hears of the scroll after us.
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= BOTTOM_PX;
    setSeenSeq((before) => (isAtEnd ? null : (before ?? chat.lastSeq)));
  };
  const goToEnd = () => {
    setSeenSeq(null);
    virtual.scrollToEnd();
  };

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        role="log"
        aria-label={t('log')}
        // Lines that scroll into the list are not news.
        aria-live={follows ? 'polite' : 'off'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling log is read by keyboard too
        tabIndex={0}
        onScroll={onScroll}
        className="h-full overflow-y-auto overscroll-contain focus-visible:-outline-offset-2"
      >
        <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((row) => {
            const item = items[row.index];
            if (!item) return null;
            return (
              <div
                key={row.key}
                ref={virtual.measureElement}
                data-index={row.index}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <Row item={item} myId={me?.id ?? null} myName={me?.name ?? t('youShort')} {...props} />
              </div>
            );
          })}
        </div>
      </div>
      {!follows && (
        <button
          type="button"
          onClick={goToEnd}
          className="absolute inset-x-0 bottom-2 mx-auto inline-flex min-h-9 w-max items-center gap-2 rounded-full bg-accent px-4 text-13 font-medium text-on-accent shadow-float hover:bg-accent-hover pointer-coarse:min-h-11"
        >
          <ArrowDown aria-hidden className="size-4" strokeWidth={1.75} />
          {unseen > 0 ? t('newMessages', { count: unseen }) : t('toNewest')}
        </button>
      )}
    </div>
  );
}

function Row(props: {
  item: ListItem;
  myId: string | null;
  myName: string;
  onRetry(clientId: string): void;
  onDiscard(clientId: string): void;
}) {
  const t = useTranslations('chat');
  const { item } = props;
  if (item.kind === 'message')
    return <MessageLine message={item.message} isMine={item.message.author.id === props.myId} />;
  if (item.kind === 'pending') {
    const { clientId } = item.line;
    return (
      <PendingMessage
        line={item.line}
        name={props.myName}
        onRetry={() => props.onRetry(clientId)}
        onDiscard={() => props.onDiscard(clientId)}
      />
    );
  }
  const { missed, seconds } = item.interruption;
  return (
    <p className="my-1 border-y border-line px-4 py-1.5 text-13 text-muted">
      {missed === 'unknown' ? t('missedUnknown') : t('missed', { seconds, count: missed })}
    </p>
  );
}
