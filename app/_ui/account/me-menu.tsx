'use client';

import { Activity, LogOut, Radio, Settings2 } from 'lucide-react';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import { useTheme } from 'next-themes';
import { LOCALE_COOKIE, LOCALES, type Locale } from '../i18n/locales.ts';
import { Button } from '../primitives/button.tsx';
import { buttonLook } from '../primitives/button-look.ts';
import { Menu, MenuItem, MenuLink, MenuRadio, MenuSeparator } from '../primitives/menu.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { signInPath } from './next-path.ts';
import { signOut, useSession } from './session.ts';

const LOCALE_NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch' };
const COOKIE_AGE_S = 365 * 24 * 3600;

/** "Go live", then who I am: my studio, language, theme, sign out. Keeps its width while it is not known who asks. */
export function MeMenu() {
  const t = useTranslations('common');
  const session = useSession();
  const path = usePathname();
  const router = useRouter();

  const me = session.status === 'signed-in' ? session.person : null;
  return (
    <div className="flex shrink-0 items-center justify-end gap-2">
      {me && !path.startsWith('/studio') && (
        <Link href="/studio" className={buttonLook({ tone: 'plain', size: 'sm' })}>
          <Radio aria-hidden className="size-4" strokeWidth={1.75} />
          {t('goLive')}
        </Link>
      )}
      {session.status === 'loading' && <Skeleton className="h-9 w-20" />}
      {!me && session.status !== 'loading' && path !== '/sign-in' && (
        <Link href={signInPath(path)} className={buttonLook({ tone: 'plain', size: 'sm' })}>
          {t('signIn')}
        </Link>
      )}
      <Menu
        trigger={
          me ? (
            <Button size="icon" tone="quiet" aria-label={t('menuOf', { name: me.name })} className="rounded-full">
              <span
                aria-hidden
                className="grid size-8 place-items-center rounded-full border border-line bg-raised text-13 font-semibold uppercase"
              >
                {[...me.name][0] ?? '·'}
              </span>
            </Button>
          ) : (
            <Button size="icon" tone="quiet" aria-label={t('settings')} title={t('settings')}>
              <Settings2 aria-hidden className="size-5" strokeWidth={1.75} />
            </Button>
          )
        }
      >
        {me && (
          <>
            <div className="px-3 pt-2 pb-1">
              <p className="font-medium">{me.name}</p>
              <p className="text-12 text-muted">{me.email}</p>
            </div>
            <MenuLink render={<Link href="/studio" />}>
              <Radio aria-hidden className="size-4" strokeWidth={1.75} />
              {t('myChannels')}
            </MenuLink>
            {me.isAdmin && (
              <MenuLink render={<Link href="/admin" />}>
                <Activity aria-hidden className="size-4" strokeWidth={1.75} />
                {t('health')}
              </MenuLink>
            )}
            <MenuSeparator />
          </>
        )}
        <ThemeChoice />
        <LocaleChoice onChosen={() => router.refresh()} />
        {me && (
          <>
            <MenuSeparator />
            <MenuItem
              onSelect={() =>
                void signOut().then(
                  () => router.push('/'),
                  () => router.refresh(),
                )
              }
            >
              <LogOut aria-hidden className="size-4" strokeWidth={1.75} />
              {t('signOut')}
            </MenuItem>
          </>
        )}
      </Menu>
    </div>
  );
}

function ThemeChoice() {
  const t = useTranslations('common');
  const { theme, setTheme } = useTheme();
  return (
    <MenuRadio
      label={t('theme')}
      value={theme ?? 'system'}
      onChange={setTheme}
      options={[
        { value: 'system', label: t('themeSystem') },
        { value: 'dark', label: t('themeDark') },
        { value: 'light', label: t('themeLight') },
      ]}
    />
  );
}

function LocaleChoice({ onChosen }: { onChosen(): void }) {
  const t = useTranslations('common');
  const locale = useLocale();
  return (
    <MenuRadio
      label={t('language')}
      value={locale}
      options={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
      onChange={(chosen) => {
        // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
        document.cookie = `${LOCALE_COOKIE}=${chosen}; path=/; max-age=${COOKIE_AGE_S}; samesite=lax`;
        onChosen();
      }}
    />
  );
}
