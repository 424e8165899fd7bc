import '@fontsource-variable/inter';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import { getLocale, getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { Messages } from './_ui/i18n/messages.tsx';
import { Providers } from './_ui/providers.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('common');
  return { title: { default: t('appName'), template: `%s · ${t('appName')}` }, description: t('tagline') };
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: dark)', color: '#0f1214' },
    { media: '(prefers-color-scheme: light)', color: '#fafbfc' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, nonce] = await Promise.all([getLocale(), headers().then((all) => all.get('x-nonce') ?? undefined)]);
  return (
    // next-themes writes the theme to <html> before React arrives.
    <html lang={locale} suppressHydrationWarning>
      <body>
        <Messages domains={[]}>
          <Providers nonce={nonce}>{children}</Providers>
        </Messages>
      </body>
    </html>
  );
}
