import type chat from '../messages/en/chat.json';
import type common from '../messages/en/common.json';
import type studio from '../messages/en/studio.json';
import type watch from '../messages/en/watch.json';
import type { Locale } from './locales.ts';

/** Makes a misspelt message key a type error. English is the reference. */
declare module 'next-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: { common: typeof common; watch: typeof watch; chat: typeof chat; studio: typeof studio };
  }
}
