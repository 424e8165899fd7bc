'use client';

import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { useLocale, useTranslations } from 'next-intl';
import type { SignalHealth, SignalNote } from '#core/ingest/signal-health';
import { cn } from '../cn.ts';
import { signalNoteWords } from './signal-note-words.ts';
import { signalRows } from './signal-rows.ts';
import { useSignalWords } from './use-signal-words.ts';

/** What the ingest worker sees of an encoder, this second's figures and what to mend, told every second. */
export function SignalFigures({ health }: { health: SignalHealth }) {
  const t = useTranslations('studio.signal');
  const locale = useLocale();
  const words = useSignalWords();
  return (
    <section aria-label={t('title')} className="flex flex-col gap-3">
      {/* Advice is read out when it comes, the figures beside it are not. */}
      <div role="status" className="empty:hidden">
        {health.notes.length > 0 && (
          <ul className="flex flex-col gap-2">
            {health.notes.map((note) => (
              <Note key={note.id} level={note.level} words={signalNoteWords(words, note)} />
            ))}
          </ul>
        )}
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2">
        {signalRows(health, locale).map(({ name, value }) => (
          <div key={name} className="min-w-0">
            <dt className="text-12 text-muted">{t(name)}</dt>
            <dd className={cn('tabular text-13 font-medium', (name === 'late' || name === 'dropped') && 'text-warn')}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const LOOK = {
  bad: { icon: TriangleAlert, box: 'border-warn/60 bg-warn-fill', mark: 'text-warn' },
  warn: { icon: CircleAlert, box: 'border-line bg-raised', mark: 'text-warn' },
  info: { icon: Info, box: 'border-line bg-raised', mark: 'text-muted' },
} as const satisfies Record<SignalNote['level'], object>;

function Note({ level, words }: { level: SignalNote['level']; words: string }) {
  const { icon: Icon, box, mark } = LOOK[level];
  return (
    <li className={cn('flex gap-2 rounded-control border p-3 text-13', box)}>
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', mark)} strokeWidth={1.75} />
      <span className="min-w-0">{words}</span>
    </li>
  );
}
