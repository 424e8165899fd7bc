import { NextIntlClientProvider } from 'next-intl';
import { getMessages } from 'next-intl/server';
import type { ReactNode } from 'react';
import type { Domain } from './locales.ts';

/** Gives client components below it the messages of these domains (and `common`); keeps a page from carrying all the others. */
export async function Messages({ domains, children }: { domains: readonly Domain[]; children: ReactNode }) {
  const all = await getMessages();
  const wanted = Object.fromEntries(['common' as const, ...domains].map((domain) => [domain, all[domain]]));
  return <NextIntlClientProvider messages={wanted}>{children}</NextIntlClientProvider>;
}
