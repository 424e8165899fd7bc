'use client';

import { useTranslations } from 'next-intl';
import type { StudioWords } from './state-words.ts';

/** The sentence of a state: ours by key, or the server's own text. */
export function useSentence(words: StudioWords): string {
  const t = useTranslations('studio.sentence');
  const { sentence } = words;
  return 'text' in sentence ? sentence.text : t(sentence.key, { count: 0, ...sentence.values });
}
