export const LOCALES = ['en', 'de'] as const;
export type Locale = (typeof LOCALES)[number];
export const LOCALE_COOKIE = 'openair_locale';

/** Message domains; a page's provider is given only those it needs (`Messages`). */
export const DOMAINS = ['common', 'watch', 'chat', 'studio'] as const;
export type Domain = (typeof DOMAINS)[number];

/** The locale to speak: the kept choice, else the browser's first language that we have, else English. */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  const asked = [cookie ?? '', ...(acceptLanguage ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '')];
  for (const tag of asked) {
    const language = tag.toLowerCase().split('-')[0];
    const found = LOCALES.find((locale) => locale === language);
    if (found) return found;
  }
  return 'en';
}
