import { useTranslations } from 'next-intl';
import type { SignalWords } from './signal-note-words.ts';

/** Keys come with the remarks; a message for each of them is kept by a test. */
export function useSignalWords(): SignalWords {
  const t = useTranslations('studio.signal');
  return {
    say: (key, values) => t(key as 'title', values as never),
    knows: (key) => t.has(key as 'title'),
  };
}
