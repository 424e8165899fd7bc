'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { buttonLook } from './_ui/primitives/button-look.ts';
import { ErrorState } from './_ui/primitives/error-state.tsx';

/** What a person sees when a page broke; the stack stays in the log, `digest` finds it there. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset(): void }) {
  const t = useTranslations('common');
  return (
    <main id="main" className="mx-auto max-w-2xl px-4 py-16">
      <ErrorState
        title={t('errorTitle')}
        onRetry={reset}
        action={
          <Link href="/" className={buttonLook({ tone: 'quiet' })}>
            {t('home')}
          </Link>
        }
      >
        <p>{t('errorText')}</p>
        {error.digest && <p className="mt-2 font-mono text-12">{t('errorId', { id: error.digest })}</p>}
      </ErrorState>
    </main>
  );
}
