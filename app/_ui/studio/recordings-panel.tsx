'use client';

import { Film, LockKeyhole, LockKeyholeOpen } from 'lucide-react';
import Link from 'next/link';
import { useFormatter, useTranslations } from 'next-intl';
import { useState } from 'react';
import { IconButton } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Panel } from '../primitives/panel.tsx';
import { formatClock, secondsBetween } from '../time.ts';
import { useNow } from '../use-clock.ts';
import { AccessSettings } from './access-settings.tsx';
import type { OwnBroadcast } from './calls.ts';
import { isClosed } from './visibility.ts';
import { VisibilityChange } from './visibility-change.tsx';

const SHOWN = 12;

/** The channel's ended shows, newest first, with their length. */
export function RecordingsPanel({ broadcasts, onChanged }: { broadcasts: readonly OwnBroadcast[]; onChanged(): void }) {
  const t = useTranslations('studio.recordings');
  const format = useFormatter();
  const now = useNow(false);
  const ended = broadcasts.filter(({ state }) => state === 'ended').slice(0, SHOWN);
  return (
    <Panel title={t('title')}>
      {ended.length === 0 && (
        <EmptyState icon={Film} title={t('empty')} className="py-6!">
          {t('emptyText')}
        </EmptyState>
      )}
      {ended.length > 0 && (
        <ul className="-my-2 flex flex-col divide-y divide-line">
          {ended.map((one) => (
            <li key={one.id} className="flex items-center gap-3 py-2">
              <div className="min-w-0 flex-1">
                {one.hasRecording ? (
                  <Link
                    href={recordingPath(one)}
                    aria-label={t('watch', { title: one.title })}
                    className="block min-h-6 truncate font-medium text-link underline-offset-2 hover:underline"
                  >
                    {one.title || t('untitled')}
                  </Link>
                ) : (
                  <p className="truncate font-medium">{one.title || t('untitled')}</p>
                )}
                <p className="tabular text-12 text-muted">
                  {one.startedAt && now > 0
                    ? format.dateTime(new Date(one.startedAt), {
                        dateStyle: 'medium',
                        timeStyle: 'short',
                        timeZone: localZone(),
                      })
                    : t('neverBegan')}
                  {one.startedAt && !one.hasRecording && ` · ${t('noRecording')}`}
                  {one.startedAt && ` · ${t('peak', { count: one.peakAudience })}`}
                </p>
              </div>
              {one.startedAt && <AccessDialog broadcast={one} onChanged={onChanged} />}
              {one.startedAt && (
                <span className="tabular text-13">{formatClock(secondsBetween(one.startedAt, one.endedAt, now))}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** The watch page's path for an ended broadcast. */
function recordingPath(broadcast: OwnBroadcast): string {
  return `/${broadcast.channel.handle}/${broadcast.id}`;
}

function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A recording is as closed as its show was, until somebody says otherwise here; its password and tickets go on being managed. */
function AccessDialog({ broadcast, onChanged }: { broadcast: OwnBroadcast; onChanged(): void }) {
  const t = useTranslations('studio.access');
  const [open, setOpen] = useState(false);
  const Icon = isClosed(broadcast.visibility) ? LockKeyhole : LockKeyholeOpen;
  return (
    <>
      <IconButton size="icon-sm" label={t('of', { title: broadcast.title })} onClick={() => setOpen(true)}>
        <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      </IconButton>
      <Dialog open={open} onOpenChange={setOpen} title={t('title')} description={broadcast.title}>
        <VisibilityChange broadcast={broadcast} onChanged={onChanged} />
        {isClosed(broadcast.visibility) && <AccessSettings broadcast={broadcast} />}
      </Dialog>
    </>
  );
}
