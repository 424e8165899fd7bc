import { useState } from 'react';
import { isApiError } from './api.ts';
import { useErrorWords } from './use-error-words.ts';

/** Something asked of the server by a press: whether it is under way, and in words why it failed. */
export type Attempt = {
  busy: boolean;
  error: string | null;
  /** What the server found fault with: the name of a field of what was sent. */
  field: string | undefined;
  /** Never throws. @returns whether it worked */
  attempt(ask: () => Promise<void>): Promise<boolean>;
  /** What need not be asked, since it is wrong already. */
  refuse(words: string): void;
  /** What was wrong is being changed. */
  forget(): void;
};

/** @param say words for a failure that are better than the general ones */
export function useAttempt(say?: (failure: unknown) => string | null): Attempt {
  const wordsOf = useErrorWords();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ words: string; field?: string | undefined } | null>(null);
  const attempt = async (ask: () => Promise<void>) => {
    setBusy(true);
    setFailed(null);
    try {
      await ask();
      return true;
    } catch (failure) {
      setFailed({
        words: say?.(failure) ?? wordsOf(failure),
        field: isApiError(failure) ? failure.field : undefined,
      });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error: failed?.words ?? null,
    field: failed?.field,
    attempt,
    refuse: (words) => setFailed({ words }),
    forget: () => setFailed(null),
  };
}
