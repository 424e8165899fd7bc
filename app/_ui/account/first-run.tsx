'use client';

import { Check } from 'lucide-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { isApiError } from '../api.ts';
import { cn } from '../cn.ts';
import { Button } from '../primitives/button.tsx';
import { buttonLook } from '../primitives/button-look.ts';
import { ErrorState } from '../primitives/error-state.tsx';
import { Panel } from '../primitives/panel.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { CreateChannel } from '../studio/create-channel.tsx';
import { useErrorWords } from '../use-error-words.ts';
import { signInByLink, useSession } from './session.ts';

type LinkState = 'checking' | 'ok' | 'missing' | 'used' | 'unreachable';

/** First run: the one-time link signs the admin in, then channel, then go live. A reload goes on where it was. */
export function FirstRun({ token }: { token: string | null }) {
  const t = useTranslations('studio.firstRun');
  const wordsOf = useErrorWords();
  const session = useSession();
  const asked = useRef(false);
  const [link, setLink] = useState<LinkState>('checking');
  const [error, setError] = useState<unknown>(null);

  const use = async () => {
    if (!token) return setLink('missing');
    setLink('checking');
    try {
      await signInByLink(token);
      setLink('ok');
      // The token is spent: out of the address, the history and anybody's screenshot.
      window.history.replaceState(null, '', '/first-run');
    } catch (failure) {
      setError(failure);
      setLink(isApiError(failure) && failure.status > 0 && failure.status < 500 ? 'used' : 'unreachable');
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once; a link works once
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void use();
  }, []);

  if (session.status === 'signed-in') return <Steps />;
  if (link === 'checking' || link === 'ok' || session.status === 'loading')
    return (
      <div aria-busy className="flex flex-col gap-4">
        <p className="text-muted">{t('checking')}</p>
        <Skeleton className="h-40 rounded-panel!" />
      </div>
    );
  const signIn = (
    <Link href="/sign-in" className={buttonLook({ tone: 'plain' })}>
      {t('signInInstead')}
    </Link>
  );
  if (link === 'unreachable')
    return (
      <ErrorState title={t('unreachableTitle')} onRetry={() => void use()}>
        {wordsOf(error)}
      </ErrorState>
    );
  return (
    <ErrorState title={link === 'missing' ? t('noToken') : t('usedTitle')} action={signIn}>
      {link === 'missing' ? t('noTokenText') : t('usedText')}
    </ErrorState>
  );
}

const STEPS = ['you', 'channel', 'live'] as const;

function Steps() {
  const t = useTranslations('studio.firstRun');
  const common = useTranslations('common');
  const session = useSession();
  const [step, setStep] = useState(0);
  const [made, setMade] = useState<{ handle: string; name: string } | null>(null);
  if (session.status !== 'signed-in') return null;
  const channel = made ?? session.channels[0] ?? null;

  return (
    <div className="flex flex-col gap-4">
      <ol className="flex gap-2">
        {STEPS.map((name, index) => (
          <li
            key={name}
            aria-current={index === step ? 'step' : undefined}
            className={cn(
              'flex flex-1 items-center gap-2 border-t-2 pt-2 text-13',
              index <= step ? 'border-accent font-medium' : 'border-line text-muted',
            )}
          >
            {index < step ? (
              <Check aria-hidden className="size-4 text-good" />
            ) : (
              <span className="tabular">{index + 1}</span>
            )}
            {t(name)}
          </li>
        ))}
      </ol>
      {step === 0 && (
        <Step
          title={t('you')}
          action={
            <Button tone="primary" onClick={() => setStep(1)}>
              {common('next')}
            </Button>
          }
        >
          <p>{t('youText')}</p>
          <p className="font-medium">
            {session.person.name} <span className="font-normal text-muted">{session.person.email}</span>
          </p>
          <p className="text-13 text-muted">{t('youPassword')}</p>
        </Step>
      )}
      {step === 1 && (
        <Panel title={t('channel')}>
          {channel ? (
            <>
              <p>{t('channelThere', { name: channel.name })}</p>
              <div className="flex justify-end">
                <Button tone="primary" onClick={() => setStep(2)}>
                  {common('next')}
                </Button>
              </div>
            </>
          ) : (
            <>
              <p className="text-muted">{t('channelText')}</p>
              <CreateChannel
                onCreated={(created) => {
                  setMade(created);
                  setStep(2);
                }}
              />
            </>
          )}
        </Panel>
      )}
      {step === 2 && channel && (
        <Step
          title={t('live')}
          action={
            <>
              <Link href={`/${channel.handle}`} className={buttonLook({ tone: 'quiet' })}>
                {t('watch')}
              </Link>
              <Link href={`/studio/${channel.handle}`} className={buttonLook({ tone: 'primary' })}>
                {t('openStudio')}
              </Link>
            </>
          }
        >
          <p>{t('liveText')}</p>
        </Step>
      )}
    </div>
  );
}

function Step({ title, action, children }: { title: string; action: ReactNode; children: ReactNode }) {
  return (
    <Panel title={title}>
      {children}
      <div className="flex flex-wrap justify-end gap-2">{action}</div>
    </Panel>
  );
}
