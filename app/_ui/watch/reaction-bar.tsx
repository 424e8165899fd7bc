'use client';

import { useFormatter, useTranslations } from 'next-intl';
import { useState } from 'react';
import type { ReactionKind } from '#realtime/contract';
import type { ChannelClient } from './channel-client.ts';
import type { ChannelState } from './channel-state.ts';
import { REACTION_KINDS, REACTION_LOOK } from './reaction-look.ts';

/** One button a reaction with its total. A press shows when it comes back from the server, with everybody's. */
export function ReactionBar({ state, client }: { state: ChannelState; client: ChannelClient | null }) {
  const t = useTranslations('watch.reactions');
  const format = useFormatter();
  const [isTooMuch, setIsTooMuch] = useState(false);
  const isOpen = state.connection === 'joined' && client !== null;

  const send = async (kind: ReactionKind) => {
    const refusal = await client?.react(kind);
    setIsTooMuch(refusal?.reason === 'rate-limited');
  };

  return (
    <div>
      <div
        role="toolbar"
        aria-label={t('label')}
        className="flex gap-1 overflow-x-auto py-1 [--reaction-l:0.58] [scrollbar-width:none] max-lg:-mx-4 max-lg:px-4 dark:[--reaction-l:0.78]"
      >
        {REACTION_KINDS.map((kind) => {
          const { icon: Icon, colour } = REACTION_LOOK[kind];
          const count = state.reactions[kind] ?? 0;
          return (
            <button
              key={kind}
              type="button"
              disabled={!isOpen}
              onClick={() => void send(kind)}
              title={isOpen ? t(kind) : t('off')}
              aria-label={count > 0 ? t('withCount', { name: t(kind), count }) : t(kind)}
              className="inline-flex min-h-10 min-w-10 shrink-0 items-center justify-center gap-1.5 rounded-full border border-line bg-panel px-2.5 text-13 text-muted tabular transition-[background-color,scale] duration-120 hover:not-disabled:bg-hover active:not-disabled:scale-95 disabled:opacity-55 pointer-coarse:min-h-11 pointer-coarse:min-w-11"
            >
              <Icon aria-hidden className="size-5" strokeWidth={1.75} style={{ color: colour }} />
              {count > 0 && format.number(count, { notation: 'compact' })}
            </button>
          );
        })}
      </div>
      <p role="status" className="text-13 text-warn empty:hidden">
        {isTooMuch ? t('tooMany') : ''}
      </p>
    </div>
  );
}
