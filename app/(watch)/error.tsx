'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { startTransition } from 'react';
import { ErrorState } from '../_ui/primitives/error-state.tsx';

/** A page whose data did not come. What is on air does not lean on it. */
export default function WatchError({ error, reset }: { error: Error & { digest?: string }; reset(): void }) {
  const t = useTranslations('watch');
  const common = useTranslations('common');
  const router = useRouter();
  const tryAgain = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main id="main" className="mx-auto max-w-2xl px-4 py-16">
      <ErrorState title={t('errorTitle')} onRetry={tryAgain}>
        <p>{t('errorText')}</p>
        {error.digest && <p className="mt-2 font-mono text-12">{common('errorId', { id: error.digest })}</p>}
      </ErrorState>
    </main>
  );
}
