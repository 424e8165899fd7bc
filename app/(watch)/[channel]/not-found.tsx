import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { buttonLook } from '../../_ui/primitives/button-look.ts';
import { EmptyState } from '../../_ui/primitives/empty-state.tsx';

export default async function NoSuchChannel() {
  const t = await getTranslations('watch');
  return (
    <main id="main" className="mx-auto max-w-2xl px-4 py-16">
      <EmptyState
        level={1}
        icon={SearchX}
        title={t('unknownChannelTitle')}
        action={
          <Link href="/" className={buttonLook({ tone: 'primary' })}>
            {t('seeLive')}
          </Link>
        }
      >
        {t('unknownChannelText')}
      </EmptyState>
    </main>
  );
}
