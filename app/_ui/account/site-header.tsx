import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { Mark } from './mark.tsx';
import { MeMenu } from './me-menu.tsx';

/** The bar on top of every page but embeds: mark, what the page puts in the middle, "go live", me. */
export async function SiteHeader({ children }: { children?: ReactNode }) {
  const t = await getTranslations('common');
  return (
    <header className="sticky top-0 z-40 border-b border-line bg-page">
      <a
        href="#main"
        className="absolute top-2 left-2 -translate-y-16 rounded-control bg-accent px-3 py-2 text-on-accent focus:translate-y-0"
      >
        {t('skipToContent')}
      </a>
      <div className="mx-auto flex h-14 max-w-[1920px] items-center gap-3 px-4 sm:px-6">
        <Link
          href="/"
          className="inline-flex min-h-10 items-center gap-2 rounded-control text-16 font-semibold tracking-tight"
        >
          <Mark className="size-6" />
          Openair
        </Link>
        <div className="flex min-w-0 flex-1 items-center">{children}</div>
        <MeMenu />
      </div>
    </header>
  );
}
