import { createTranslator } from 'next-intl';
import { expect, test } from 'vitest';
import { DOMAINS, LOCALES } from '../i18n/locales.ts';
import { type MessageTree, readMessages } from './testing/read-messages.ts';

function flatten(tree: MessageTree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${prefix}${key}`, value] as [string, string]] : flatten(value, `${prefix}${key}.`),
  );
}

/** Names of the values a message wants: `{count, plural, …}` → `count`. */
function valuesOf(message: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (let at = 0; at < message.length; at++) {
    if (message[at] === '{') {
      const name = /^\{\s*([a-zA-Z]+)\s*[,}]/.exec(message.slice(at))?.[1];
      if (name && depth % 2 === 0) names.push(name);
      depth++;
    } else if (message[at] === '}') depth--;
  }
  return [...new Set(names)].sort();
}

for (const locale of LOCALES.filter((one) => one !== 'en')) {
  for (const domain of DOMAINS) {
    test(`${domain} says the same things in ${locale} as in English, with the same values`, () => {
      const english = flatten(readMessages('en', domain)).map(([key, text]) => [key, valuesOf(text)]);
      const other = flatten(readMessages(locale, domain)).map(([key, text]) => [key, valuesOf(text)]);
      expect(other.sort()).toEqual(english.sort());
    });
  }
}

test('every message can be formatted in every language', () => {
  for (const locale of LOCALES) {
    for (const domain of DOMAINS) {
      const messages = readMessages(locale, domain);
      const broken: string[] = [];
      const t = createTranslator({
        locale,
        messages: messages as never,
        onError: (error) => broken.push(error.message),
      });
      for (const [key, text] of flatten(messages)) {
        const values = Object.fromEntries(
          valuesOf(text).map((name) => [name, /count|seconds|number|step|of|value|rate|lower/.test(name) ? 2 : 'x']),
        );
        (t as unknown as (key: string, values: Record<string, unknown>) => string)(key, values);
      }
      expect(broken, `${locale}/${domain}`).toEqual([]);
    }
  }
});
