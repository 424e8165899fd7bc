'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useEffect } from 'react';
import { signInPath } from '../account/next-path.ts';
import { useSession } from '../account/session.ts';
import { buttonLook } from '../primitives/button-look.ts';
import { ErrorState } from '../primitives/error-state.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { useErrorWords } from '../use-error-words.ts';
import { StudioDesk } from './studio-desk.tsx';
import { STUDIO_GRID } from './studio-grid.ts';
import { useShow } from './use-show.ts';

/** The door of the studio: loads the show, sends strangers to sign-in, tells what is wrong; then the desk. */
export function StudioPage({ handle }: { handle: string }) {
  const t = useTranslations('studio');
  const router = useRouter();
  const session = useSession();
  const show = useShow(handle);
  const wordsOf = useErrorWords();
  const code = show.error?.code;

  const signedOut = session.status === 'signed-out' || (code === 'unauthenticated' && show.status === 'failed');
  useEffect(() => {
    if (signedOut) router.replace(signInPath(`/studio/${handle}`));
  }, [signedOut, router, handle]);

  const mine = (
    <Link href="/studio" className={buttonLook({ tone: 'plain' })}>
      {t('toMyChannels')}
    </Link>
  );
  // Anyone may read a channel; only its owner (or an admin) has a desk in it.
  const foreign =
    session.status === 'signed-in' &&
    show.status === 'ready' &&
    !session.person.isAdmin &&
    !session.channels.some((channel) => channel.handle === show.channel?.handle);
  if (foreign || (show.status === 'failed' && !signedOut)) {
    if (foreign || code === 'forbidden')
      return (
        <Narrow>
          <ErrorState title={t('notAllowedTitle')} action={mine}>
            {t('notAllowedText', { handle })}
          </ErrorState>
        </Narrow>
      );
    if (code === 'not-found')
      return (
        <Narrow>
          <ErrorState title={t('missingTitle', { handle })} action={mine}>
            {t('missingText')}
          </ErrorState>
        </Narrow>
      );
    return (
      <Narrow>
        <ErrorState title={t('loadFailedTitle')} onRetry={show.refresh}>
          {wordsOf(show.error)}
        </ErrorState>
      </Narrow>
    );
  }
  if (show.status !== 'ready' || !show.channel || session.status !== 'signed-in') return <StudioSkeleton />;
  return <StudioDesk handle={handle} channel={show.channel} person={session.person} show={show} />;
}

function Narrow({ children }: { children: React.ReactNode }) {
  return (
    <main id="main" className="mx-auto max-w-2xl px-4 py-16">
      {children}
    </main>
  );
}

function StudioSkeleton() {
  return (
    <main id="main" aria-busy className="mx-auto flex w-full max-w-[1920px] flex-col gap-2 px-4 pb-10 sm:px-6">
      <div className="py-2">
        <Skeleton className="h-15 rounded-panel!" />
      </div>
      <div className={STUDIO_GRID}>
        <Skeleton className="h-96 rounded-panel!" />
        <div className="flex flex-col gap-4">
          <Skeleton className="aspect-video w-full rounded-video!" />
          <Skeleton className="h-12" />
        </div>
        <Skeleton className="h-96 rounded-panel! max-xl:hidden" />
      </div>
    </main>
  );
}
