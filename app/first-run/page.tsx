import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { FirstRun } from '../_ui/account/first-run.tsx';
import { SiteHeader } from '../_ui/account/site-header.tsx';
import { Messages } from '../_ui/i18n/messages.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('studio.firstRun');
  // The one-time token is in the address: it must not travel on in a Referer.
  return { title: t('title'), referrer: 'no-referrer' };
}

export default async function FirstRunPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams;
  const t = await getTranslations('studio.firstRun');
  return (
    <Messages domains={['studio']}>
      <SiteHeader />
      <main id="main" className="mx-auto flex w-full max-w-xl flex-col gap-6 px-4 py-12 sm:py-16">
        <h1 className="text-28">{t('title')}</h1>
        <FirstRun token={typeof token === 'string' ? token : null} />
      </main>
    </Messages>
  );
}
