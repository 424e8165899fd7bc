'use client';

import { ChevronRight, Plus, Radio } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { signInPath } from '../account/next-path.ts';
import { refreshSession, useSession } from '../account/session.ts';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { CreateChannel } from './create-channel.tsx';

/** My channels, and the way to a new one. */
export function StudioHome() {
  const t = useTranslations('studio.home');
  const create = useTranslations('studio.create');
  const router = useRouter();
  const session = useSession();
  const [open, setOpen] = useState(false);

  const signedOut = session.status === 'signed-out';
  useEffect(() => {
    if (signedOut) router.replace(signInPath('/studio'));
  }, [signedOut, router]);

  const button = (
    <Button tone="primary" onClick={() => setOpen(true)}>
      <Plus aria-hidden className="size-4" strokeWidth={1.75} />
      {t('create')}
    </Button>
  );
  const channels = session.status === 'signed-in' ? session.channels : [];
  return (
    <main id="main" className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-8 sm:py-12">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="flex flex-col gap-1">
          <h1 className="text-28">{t('title')}</h1>
          <p className="text-muted">{t('text')}</p>
        </div>
        {channels.length > 0 && button}
      </div>
      {session.status === 'unknown' && (
        <ErrorState title={t('unknownTitle')} onRetry={() => void refreshSession()}>
          {t('unknownText')}
        </ErrorState>
      )}
      {(session.status === 'loading' || signedOut) && (
        <div aria-busy className="flex flex-col gap-2">
          <Skeleton className="h-18 rounded-panel!" />
          <Skeleton className="h-18 rounded-panel!" />
        </div>
      )}
      {session.status === 'signed-in' && channels.length === 0 && (
        <EmptyState icon={Radio} title={t('empty')} action={button}>
          {t('emptyText')}
        </EmptyState>
      )}
      {channels.length > 0 && (
        <ul className="flex flex-col gap-2">
          {channels.map((channel) => (
            <li key={channel.id}>
              <Link
                href={`/studio/${channel.handle}`}
                aria-label={t('open', { name: channel.name })}
                className="flex min-h-18 items-center gap-4 rounded-panel border border-line bg-panel px-4 transition-colors duration-120 hover:bg-hover"
              >
                <span
                  aria-hidden
                  className="grid size-10 shrink-0 place-items-center rounded-full bg-raised font-semibold uppercase"
                >
                  {[...channel.name][0]}
                </span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{channel.name}</span>
                  <span className="block truncate text-13 text-muted">/{channel.handle}</span>
                </span>
                <ChevronRight aria-hidden className="size-5 text-muted" strokeWidth={1.75} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Dialog open={open} onOpenChange={setOpen} title={create('title')}>
        <CreateChannel onCreated={(channel) => router.push(`/studio/${channel.handle}`)} />
      </Dialog>
    </main>
  );
}
