'use client';

import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useFormatter, useTranslations } from 'next-intl';
import { useCallback, useEffect, useState } from 'react';
import { call } from '../api.ts';
import { cn } from '../cn.ts';
import { Button } from '../primitives/button.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { fixFor, type Health, sortParts } from './health-fix.ts';
import { signInPath } from './next-path.ts';
import { useSession } from './session.ts';

const AGAIN_MS = 15_000;

/** Each part of the installation, what is wrong with it, and how to mend it. */
export function HealthPage() {
  const t = useTranslations('studio.admin');
  const format = useFormatter();
  const router = useRouter();
  const session = useSession();
  const { health, failed, busy, atMs, ask } = useHealth();

  const signedOut = session.status === 'signed-out';
  useEffect(() => {
    if (signedOut) router.replace(signInPath('/admin'));
  }, [signedOut, router]);

  if (session.status === 'signed-in' && !session.person.isAdmin)
    return (
      <main id="main" className="mx-auto max-w-2xl px-4 py-16">
        <ErrorState title={t('notAdmin')}>{t('notAdminText')}</ErrorState>
      </main>
    );
  const parts = health ? sortParts(health.parts) : [];
  const bad = parts.filter(({ ok }) => !ok).length;
  return (
    <main id="main" className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-8 sm:py-12">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="flex flex-col gap-1">
          <h1 className="text-28">{t('title')}</h1>
          <p className="text-muted">{t('text')}</p>
        </div>
        <Button busy={busy} onClick={ask}>
          {t('again')}
        </Button>
      </div>
      {failed && <ErrorState title={t('failed')}>{t('failedText')}</ErrorState>}
      {!health && !failed && (
        <div aria-busy className="flex flex-col gap-2">
          <Skeleton className="h-14 rounded-panel!" />
          <Skeleton className="h-72 rounded-panel!" />
        </div>
      )}
      {health && (
        <>
          <div
            role="status"
            className={cn(
              'flex min-h-14 flex-wrap items-center justify-between gap-2 rounded-panel border px-4 py-2',
              bad > 0 ? 'border-warn/50 bg-warn-fill' : 'border-line bg-panel',
            )}
          >
            <p className="font-semibold">{bad > 0 ? t('someBad', { count: bad }) : t('allGood')}</p>
            <p className="tabular text-12 text-muted">
              {t('checkedAt', {
                time: format.dateTime(new Date(atMs), {
                  timeStyle: 'medium',
                  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
                }),
              })}
            </p>
          </div>
          <ul className="flex flex-col divide-y divide-line rounded-panel border border-line bg-panel">
            {parts.map((part) => (
              <Part key={part.name} {...part} />
            ))}
          </ul>
        </>
      )}
    </main>
  );
}

function Part({ name, ok, detail }: { name: string; ok: boolean; detail: string }) {
  const t = useTranslations('studio.admin');
  const fix = fixFor(name);
  return (
    <li className="flex gap-3 p-4">
      {ok ? (
        <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-good" strokeWidth={1.75} />
      ) : (
        <TriangleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-warn" strokeWidth={1.75} />
      )}
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p>
          <span className="font-medium">{fix === 'other' ? name : t(`names.${fix}`)}</span>{' '}
          <span className={cn('text-13', ok ? 'text-good' : 'text-warn')}>{ok ? t('good') : t('bad')}</span>
        </p>
        {fix !== 'other' && <p className="text-13 text-muted">{t(`does.${fix}`)}</p>}
        {!ok && detail && <p className="text-13 text-muted">{detail}</p>}
        {!ok && (
          <p className="text-13">
            <span className="font-medium">{t('fix')}:</span> {t(`fixes.${fix}`)}
          </p>
        )}
      </div>
    </li>
  );
}

function useHealth() {
  const [health, setHealth] = useState<Health | null>(null);
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [atMs, setAtMs] = useState(0);
  const ask = useCallback(async () => {
    setBusy(true);
    try {
      setHealth(await call<Health>('GET', '/health'));
      setFailed(false);
    } catch {
      setFailed(true);
    }
    setAtMs(Date.now());
    setBusy(false);
  }, []);
  useEffect(() => {
    void ask();
    const timer = setInterval(() => document.visibilityState === 'visible' && void ask(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [ask]);
  return { health, failed, busy, atMs, ask };
}
