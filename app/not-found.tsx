import { Compass } from 'lucide-react';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { SiteHeader } from './_ui/account/site-header.tsx';
import { buttonLook } from './_ui/primitives/button-look.ts';
import { EmptyState } from './_ui/primitives/empty-state.tsx';

export default async function NotFound() {
  const t = await getTranslations('common');
  return (
    <>
      <SiteHeader />
      <main id="main" className="mx-auto max-w-2xl px-4 py-16">
        <EmptyState
          level={1}
          icon={Compass}
          title={t('notFoundTitle')}
          action={
            <Link href="/" className={buttonLook({ tone: 'primary' })}>
              {t('home')}
            </Link>
          }
        >
          {t('notFoundText')}
        </EmptyState>
      </main>
    </>
  );
}
