'use client';

import { Activity, LogOut, Radio } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import { useTheme } from 'next-themes';
import type { ReactElement } from 'react';
import { LOCALE_COOKIE, LOCALES, type Locale } from '../i18n/locales.ts';
import { Menu, MenuItem, MenuLink, MenuRadio, MenuSeparator } from '../primitives/menu.tsx';
import { type Person, signOut } from './session.ts';

const LOCALE_NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch' };
const COOKIE_AGE_S = 365 * 24 * 3600;

/** My studio, language, theme, sign out: opened at once, since it is loaded when somebody asks for it. */
export function MeMenuList({ me, trigger }: { me: Person | null; trigger: ReactElement }) {
  const t = useTranslations('common');
  const router = useRouter();
  return (
    <Menu trigger={trigger} defaultOpen>
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
