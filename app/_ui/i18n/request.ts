import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { chooseLocale, LOCALE_COOKIE, type Locale } from './locales.ts';

async function loadMessages(locale: Locale) {
  const [common, watch, chat, studio] = await Promise.all([
    import(`../messages/${locale}/common.json`),
    import(`../messages/${locale}/watch.json`),
    import(`../messages/${locale}/chat.json`),
    import(`../messages/${locale}/studio.json`),
  ]);
  return { common: common.default, watch: watch.default, chat: chat.default, studio: studio.default };
}

/** next-intl's entry: locale by cookie, then by the browser's languages. Times are rendered in UTC on the server, locally in pages. */
export default getRequestConfig(async () => {
  const locale = chooseLocale((await cookies()).get(LOCALE_COOKIE)?.value, (await headers()).get('accept-language'));
  return { locale, messages: await loadMessages(locale), timeZone: 'UTC' };
});
