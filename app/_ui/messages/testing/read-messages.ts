import { readFileSync } from 'node:fs';

export type MessageTree = { [key: string]: string | MessageTree };

/** The messages of one domain as they are shipped. */
export function readMessages(locale: string, domain: string): MessageTree {
  return JSON.parse(readFileSync(new URL(`../${locale}/${domain}.json`, import.meta.url), 'utf8'));
}
