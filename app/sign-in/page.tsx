import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { safeNextPath } from '../_ui/account/next-path.ts';
import { SignInForm } from '../_ui/account/sign-in-form.tsx';
import { SiteHeader } from '../_ui/account/site-header.tsx';
import { Messages } from '../_ui/i18n/messages.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('studio.signIn');
  return { title: t('title') };
}

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
  const t = await getTranslations('studio.signIn');
  return (
    <Messages domains={['studio']}>
      <SiteHeader />
      <main id="main" className="mx-auto flex w-full max-w-md flex-col gap-6 px-4 py-12 sm:py-20">
        <div className="flex flex-col gap-2">
          <h1 className="text-28">{t('title')}</h1>
          <p className="text-muted">{t('text')}</p>
        </div>
        <SignInForm next={safeNextPath(typeof next === 'string' ? next : null)} />
        <p className="text-12 text-muted">{t('firstTime')}</p>
      </main>
    </Messages>
  );
}
